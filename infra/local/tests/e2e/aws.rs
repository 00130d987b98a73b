//! What a test does behind the API's back: it makes time pass, and doubles a queue's message.

use crate::world::World;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use carteiro_local::{Answer, TEMPLATE_BUCKET};
use serde_json::{Value, json};

pub(crate) fn config(world: &World) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(world.aws_endpoint())
        .region(Region::new("us-east-1"))
        .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

/// A client of the buckets.
pub(crate) fn objects(world: &World) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&config(world)).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}

/// The key of the template that was deployed, in [`TEMPLATE_BUCKET`].
pub(crate) async fn template_key(objects: &aws_sdk_s3::Client) -> String {
    let listed = objects.list_objects_v2().bucket(TEMPLATE_BUCKET).prefix("template-").send().await.unwrap();
    listed.contents()[0].key().unwrap().to_owned()
}

/// Lets the code that was mailed to `email` be one of an hour ago.
pub(crate) async fn expire_code(world: &World, purpose: &str, email: &str) {
    let key = AttributeValue::S(format!("OTP#{purpose}#email:{email}"));
    let long_ago = AttributeValue::N("1000000000000000".into());
    let table = world.output("AccountsTable").unwrap();
    let update = aws_sdk_dynamodb::Client::new(&config(world)).update_item().table_name(table);
    let update = update.key("pk", key).key("sk", AttributeValue::S("OTP".into()));
    let update =
        update.update_expression("SET expires_at = :then").condition_expression("attribute_exists(pk)");
    update.expression_attribute_values(":then", long_ago).send().await.unwrap();
}

/// Says once more that a send was accepted, as a doubled delivery or a sweep would.
pub(crate) async fn accept_again(world: &World, send: &str, from: &str) {
    let message = aws_sdk_sqs::Client::new(&config(world))
        .send_message()
        .queue_url(world.output("SendsQueueUrl").unwrap());
    let message = message.message_body(json!({"send_id": send}).to_string()).message_group_id(from);
    message.message_deduplication_id(format!("{send}:again")).send().await.unwrap();
}

/// Puts another key in place of the one that JWTs are signed with, as a rotation does.
pub(crate) async fn rotate_jwt_key(world: &World) {
    let secret = json!({"kid": "2", "key": "outra-chave-".repeat(6)}).to_string();
    let put = aws_sdk_secretsmanager::Client::new(&config(world)).put_secret_value();
    put.secret_id(world.output("JwtKeySecret").unwrap()).secret_string(secret).send().await.unwrap();
}

/// Makes so many more sends of one, each a second younger than the last, as a tenant with a past has them.
pub(crate) async fn multiply(world: &World, send: &str, count: u64) {
    let client = aws_sdk_dynamodb::Client::new(&config(world));
    let table = world.output("SendsTable").unwrap();
    let key = AttributeValue::S(format!("SEND#{send}"));
    let get = client.get_item().table_name(table).key("pk", key).key("sk", AttributeValue::S("SEND".into()));
    let mut item = get.send().await.unwrap().item.unwrap();
    item.remove("due_pk");
    item.remove("due_sk");
    item.insert("status".into(), AttributeValue::S("lido".into()));
    let newest: u64 = item["queued_at"].as_n().unwrap().parse().unwrap();
    let places: Vec<u64> = (1..=count).collect();
    for batch in places.chunks(25) {
        let write = |place: &u64| {
            let (mut item, at) = (item.clone(), newest - place * 1_000_000);
            let id = format!("00000000-0000-4000-8000-{place:012}");
            item.insert("pk".into(), AttributeValue::S(format!("SEND#{id}")));
            item.insert("queued_at".into(), AttributeValue::N(at.to_string()));
            item.insert("number_sk".into(), AttributeValue::S(format!("{at:020}#{id}")));
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        let requests: Vec<WriteRequest> = batch.iter().map(write).collect();
        let written = client.batch_write_item().request_items(table, requests).send().await.unwrap();
        assert!(written.unprocessed_items.unwrap_or_default().is_empty());
    }
}

/// Tells the topic of mail that came back that a mailbox does not exist, as SES does.
pub(crate) async fn bounce(world: &World, email: &str) {
    let event = json!({
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": email}],
            "timestamp": jiff::Timestamp::now().to_string(),
        },
        "mail": {"destination": [email]},
    });
    let publish = aws_sdk_sns::Client::new(&config(world)).publish().message(event.to_string());
    publish.topic_arn(world.output("ReturnedMailTopicArn").unwrap()).send().await.unwrap();
}

/// Asks the emulated Lambda for a part of a function, such as `configuration`, or gives it another one. Who calls is looked at there, the
/// signature is not.
pub(crate) async fn part_of_function(
    world: &World,
    function: &str,
    part: &str,
    another: Option<&Value>,
) -> Answer {
    let url = format!("{}/2015-03-31/functions/carteiro-{function}/{part}", world.aws_endpoint());
    let caller = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/lambda/aws4_request, \
                  SignedHeaders=host, Signature=none";
    let headers = [("authorization", caller)];
    let answer = match another {
        None => world.http.request("GET", &url, &headers, Vec::new()).await,
        Some(another) => world.http.json("PUT", &url, &headers, another).await,
    };
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200, "{function}: {}", answer.text());
    answer
}
