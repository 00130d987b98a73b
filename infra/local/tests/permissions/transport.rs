//! Buckets, queues and topics answer plain HTTP too, unless a policy of theirs denies it: each has one that does.

use super::policies::list;
use super::yaml::{read, text};
use super::{file, templates};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What answers plain HTTP, the kind of its policy, and the field there that says whose it is.
const KINDS: [(&str, &str, &str); 3] = [
    ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
    ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
    ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
];

/// All that a topic's policy may name, as SNS has it
/// (<https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html>).
const OF_A_TOPIC: [&str; 11] = [
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetDataProtectionPolicy",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    "sns:Publish",
    "sns:PutDataProtectionPolicy",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
];

/// The resources of a kind, by name.
fn of_kind<'a>(template: &'a Value, kind: &str) -> Vec<(&'a String, &'a Value)> {
    let resources = template["Resources"].as_object().unwrap();
    resources.iter().filter(|(_, resource)| resource["Type"] == kind).collect()
}

/// Whether a statement denies everybody everything that may be done to a resource, over plain HTTP.
fn denies(statement: &Value, kind: &str, name: &str) -> bool {
    let arn = format!("{name}.Arn");
    let (actions, resources) = match kind {
        "AWS::S3::Bucket" => (vec!["s3:*"], vec![arn.clone(), format!("${{{arn}}}/*")]),
        "AWS::SNS::Topic" => (OF_A_TOPIC.to_vec(), vec![name.to_owned()]),
        // A queue's policy is for that queue, whichever others have the same.
        _ => (vec!["sqs:*"], vec!["*".to_owned()]),
    };
    statement["Effect"] == "Deny"
        && statement["Principal"] == "*"
        && list(&statement["Action"]).map(text).eq(actions)
        && list(&statement["Resource"]).map(text).eq(resources)
        && statement["Condition"] == json!({ "Bool": { "aws:SecureTransport": "false" } })
}

/// The resources of a kind that some policy denies plain HTTP to.
fn denied(template: &Value, (kind, policy, field): (&str, &str, &str)) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, policy) in of_kind(template, policy) {
        let of = &policy["Properties"];
        let denied = |name: &String| {
            list(&of["PolicyDocument"]["Statement"]).any(|statement| denies(statement, kind, name))
        };
        found.extend(list(&of[field]).map(text).filter(denied));
    }
    found
}

#[test]
fn nothing_answers_plain_http() {
    let mut seen = 0;
    for path in templates() {
        let template = read(&file(&path));
        for of in KINDS {
            let there: BTreeSet<String> =
                of_kind(&template, of.0).into_iter().map(|(name, _)| name.clone()).collect();
            assert_eq!(denied(&template, of), there, "{path}: {}", of.0);
            seen += there.len();
        }
    }
    assert!(seen > 30, "{seen} buckets, queues and topics");
}

/// Who a topic's policy allows to publish, and on what condition.
fn publishers(template: &Value, topic: &str) -> Vec<(String, Value)> {
    let policies = of_kind(template, "AWS::SNS::TopicPolicy").into_iter();
    let policies = policies.filter(|(_, policy)| list(&policy["Properties"]["Topics"]).map(text).eq([topic]));
    let statements =
        policies.flat_map(|(_, policy)| list(&policy["Properties"]["PolicyDocument"]["Statement"]));
    let allowed = statements.filter(|statement| statement["Effect"] == "Allow");
    let allowed = allowed.filter(|statement| statement["Action"] == "sns:Publish");
    allowed.map(|statement| (text(&statement["Principal"]), statement["Condition"].clone())).collect()
}

/// A topic's policy takes the place of the one that AWS gives it, by which all of the account's services may publish.
#[test]
fn what_tells_a_topic_may_publish_to_it() {
    let template = read(&file("infra/alarms.yaml"));
    let found = publishers(&template, "Topic");
    let [(principal, condition)] = &found[..] else { panic!("one publishes") };
    assert_eq!(principal, "cloudwatch.amazonaws.com");
    let source = text(&condition["ArnLike"]["aws:SourceArn"]);
    let named = source.split_once(":alarm:").unwrap().1.strip_suffix('*').unwrap();
    for (name, alarm) in of_kind(&template, "AWS::CloudWatch::Alarm") {
        assert!(text(&alarm["Properties"]["AlarmName"]).starts_with(named), "{name} may not publish");
    }

    let template = read(&file("infra/mail.yaml"));
    for (name, destination) in of_kind(&template, "AWS::SES::ConfigurationSetEventDestination") {
        let topic = &destination["Properties"]["EventDestination"]["SnsDestination"]["TopicARN"];
        if !topic.is_null() {
            let found = publishers(&template, &text(topic));
            let [(principal, _)] = &found[..] else { panic!("one publishes") };
            assert_eq!(principal, "ses.amazonaws.com", "{name}");
        }
    }
}

/// A queue takes nothing of a topic unless its policy lets SNS send to it, and of that topic alone.
#[test]
fn a_queue_that_is_subscribed_takes_what_its_topic_tells() {
    let template = read(&file("infra/mail.yaml"));
    let subscribed = of_kind(&template, "AWS::SNS::Subscription");
    let [(_, subscription)] = &subscribed[..] else { panic!("one is subscribed") };
    let of = &subscription["Properties"];
    assert_eq!(of["Protocol"], "sqs");
    let endpoint = text(&of["Endpoint"]);
    let queue = endpoint.strip_suffix(".Arn").unwrap();
    let mut policies = of_kind(&template, "AWS::SQS::QueuePolicy").into_iter();
    let (name, policy) =
        policies.find(|(_, policy)| list(&policy["Properties"]["Queues"]).map(text).eq([queue])).unwrap();
    let statements = list(&policy["Properties"]["PolicyDocument"]["Statement"]);
    let allowed: Vec<&Value> = statements.filter(|statement| statement["Effect"] == "Allow").collect();
    let [allowed] = &allowed[..] else { panic!("one may send to it") };
    assert_eq!(text(&allowed["Principal"]), "sns.amazonaws.com");
    assert_eq!(text(&allowed["Action"]), "sqs:SendMessage");
    assert_eq!(text(&allowed["Resource"]), endpoint);
    assert_eq!(text(&allowed["Condition"]["ArnEquals"]["aws:SourceArn"]), text(&of["TopicArn"]));
    assert_eq!(text(&subscription["DependsOn"]), *name, "it is told nothing before it takes it");
}

#[test]
fn a_resource_without_such_a_policy_is_found() {
    let queue = ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues");
    let policy = |effect: &str, action: &str, condition: Value| {
        let statement = json!({ "Effect": effect, "Principal": "*", "Action": action, "Resource": "*", "Condition": condition });
        let of = json!({ "Queues": [{ "Ref": "Q" }], "PolicyDocument": { "Statement": [statement] } });
        json!({ "Resources": { "P": { "Type": "AWS::SQS::QueuePolicy", "Properties": of } } })
    };
    let plain = json!({ "Bool": { "aws:SecureTransport": "false" } });
    assert_eq!(denied(&policy("Deny", "sqs:*", plain.clone()), queue), BTreeSet::from(["Q".to_owned()]));
    for other in [
        policy("Allow", "sqs:*", plain.clone()),
        policy("Deny", "sqs:SendMessage", plain),
        policy("Deny", "sqs:*", json!({ "Bool": { "aws:SecureTransport": "true" } })),
        policy("Deny", "sqs:*", Value::Null),
    ] {
        assert!(denied(&other, queue).is_empty(), "{other}");
    }
}
