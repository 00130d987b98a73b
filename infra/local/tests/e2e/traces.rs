//! A look at everything that a system keeps: every item of every table, every object of the bucket, every upload that was begun.

use crate::aws::config;
use crate::stacks::{resources_of, templates};
use crate::world::World;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::operation::get_object::GetObjectError;

/// Something that is kept, as one text.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Where: a table's output and the keys, or the bucket and the object's key.
    pub(crate) place: String,
    /// All that it says: texts as they are, bytes as UTF-8 where they are that, and in hexadecimal digits.
    pub(crate) text: String,
    /// When it ends by itself, in seconds since 1970.
    pub(crate) ttl: Option<i64>,
}

/// What the templates have of that type.
fn of_type(kind: &str) -> Vec<String> {
    let all = templates().into_iter().flat_map(|template| resources_of(&template));
    all.filter(|(_, resource)| resource["Type"] == kind).map(|(name, _)| name).collect()
}

/// Everything that is kept.
pub(crate) async fn everything(world: &World) -> Vec<Kept> {
    let mut kept = Vec::new();
    let dynamo = aws_sdk_dynamodb::Client::new(&config(world));
    let tables = of_type("AWS::DynamoDB::Table");
    assert!(!tables.is_empty(), "the template is read");
    for output in tables.iter().map(|name| format!("{name}Table")) {
        let mut start = None;
        loop {
            let scan = dynamo.scan().table_name(world.output(&output).unwrap()).consistent_read(true);
            let page = scan.set_exclusive_start_key(start).send().await.unwrap();
            for item in page.items() {
                let mut text = String::new();
                for (name, value) in item {
                    text.push_str(name);
                    text.push('=');
                    write(value, &mut text);
                    text.push('\n');
                }
                let key = |name: &str| item[name].as_s().unwrap().clone();
                let ttl = item.get("ttl").and_then(|ttl| ttl.as_n().ok()?.parse().ok());
                kept.push(Kept { place: format!("{output} {} {}", key("pk"), key("sk")), text, ttl });
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
    }
    let style = aws_sdk_s3::config::Builder::from(&config(world)).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(style);
    assert_eq!(of_type("AWS::S3::Bucket"), ["Media"], "the buckets that are looked into");
    let bucket = world.output("MediaBucket").unwrap();
    let uploads = s3.list_multipart_uploads().bucket(bucket).send().await.unwrap();
    for upload in uploads.uploads() {
        let place = format!("an upload to {}", upload.key().unwrap_or_default());
        kept.push(Kept { text: place.clone(), place, ttl: None });
    }
    let listed = s3.list_objects_v2().bucket(bucket).send().await.unwrap();
    assert!(!listed.is_truncated().unwrap_or_default(), "more objects than one page holds");
    for object in listed.contents() {
        let key = object.key().unwrap();
        let got = match s3.get_object().bucket(bucket).key(key).send().await {
            Ok(got) => got,
            // Erased since it was listed.
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => continue,
            Err(error) => panic!("{key}: {error:?}"),
        };
        let metadata = format!("{:?}", got.metadata());
        let mut text = format!("{key}\n{metadata}\n");
        bytes(&got.body.collect().await.unwrap().to_vec(), &mut text);
        kept.push(Kept { place: format!("MediaBucket {key}"), text, ttl: None });
    }
    kept
}

fn write(value: &AttributeValue, text: &mut String) {
    match value {
        AttributeValue::S(s) | AttributeValue::N(s) => text.push_str(s),
        AttributeValue::B(blob) => bytes(blob.as_ref(), text),
        AttributeValue::L(list) => list.iter().for_each(|value| write(value, text)),
        AttributeValue::M(map) => map.iter().for_each(|(name, value)| {
            text.push_str(name);
            write(value, text);
        }),
        _ => {}
    }
}

fn bytes(bytes: &[u8], text: &mut String) {
    text.push_str(&String::from_utf8_lossy(bytes));
    text.push(' ');
    bytes.iter().for_each(|byte| text.push_str(&format!("{byte:02x}")));
}

/// What of it has one of these in it.
pub(crate) fn traces<'a>(kept: &'a [Kept], of: &[&str]) -> Vec<&'a Kept> {
    kept.iter().filter(|kept| of.iter().any(|trace| kept.text.contains(trace))).collect()
}
