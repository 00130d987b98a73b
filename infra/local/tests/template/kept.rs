//! What holds data is neither replaced nor dropped by an update.

use super::{read, yaml};
use serde_json::Value;

/// What holds data: its file and its name there, the name that it has in AWS, and keys and indexes. CloudFormation can change most of that only by
/// making another one: an update that did so would leave the data behind, or fail because the name is taken. A global index is made and deleted
/// in place, one of a table with each update, but nobody reads by one that is not there. So none of this changes from one version to the
/// next; what is new is added. The names of the nested stacks stand here because a stack of another name is another stack.
const KEPT: [&str; 13] = [
    "data.yaml Accounts ${Prefix}-accounts pk HASH sk RANGE",
    "data.yaml Chats ${Prefix}-chats pk HASH sk RANGE local by_time pk HASH at RANGE ALL",
    "data.yaml Key",
    "data.yaml Media ${Prefix}-media-${AWS::AccountId}-${AWS::Region}",
    "data.yaml Sends ${Prefix}-sends pk HASH sk RANGE global by_number number_pk HASH number_sk RANGE KEYS_ONLY \
     global due due_pk HASH due_sk RANGE KEYS_ONLY global in_line line_pk HASH line_sk RANGE KEYS_ONLY",
    "data.yaml Sessions ${Prefix}-sessions pk HASH sk RANGE global by_shard shard_pk HASH shard_sk RANGE KEYS_ONLY",
    "data.yaml Webhooks ${Prefix}-webhooks pk HASH sk RANGE local by_place pk HASH place RANGE KEYS_ONLY \
     global by_user user_pk HASH user_sk RANGE KEYS_ONLY",
    "secrets.yaml JwtKey ${Prefix}/jwt-key",
    "secrets.yaml OperatorToken ${Prefix}/operator-token",
    "session.yaml Repository ${Prefix}-session",
    "template.yaml Data infra/data.yaml",
    "template.yaml Secrets infra/secrets.yaml",
    "template.yaml Session infra/session.yaml",
];

/// What holds data, by its type.
const KINDS: [&str; 5] = [
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
];

/// A key schema, as `pk HASH sk RANGE`.
fn keys(schema: &Value) -> Vec<String> {
    let parts = schema.as_array().into_iter().flatten();
    parts.flat_map(|key| ["AttributeName", "KeyType"].map(|field| yaml::text(&key[field]))).collect()
}

/// The indexes of a table, of one kind.
fn indexes(of: &Value, field: &str, kind: &str) -> Vec<String> {
    let mut words = Vec::new();
    for index in of[field].as_array().into_iter().flatten() {
        words.extend([kind.to_owned(), yaml::text(&index["IndexName"])]);
        words.extend(keys(&index["KeySchema"]));
        words.push(yaml::text(&index["Projection"]["ProjectionType"]));
    }
    words
}

#[test]
fn no_update_replaces_what_holds_data() {
    let mut found = Vec::new();
    for file in ["data.yaml", "queues.yaml", "mail.yaml", "secrets.yaml", "session.yaml"] {
        let template = yaml::read(&read(&format!("infra/{file}")));
        let all = template["Resources"].as_object().unwrap().iter();
        for (name, resource) in
            all.filter(|(_, resource)| KINDS.contains(&resource["Type"].as_str().unwrap()))
        {
            assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
            assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
            let of = &resource["Properties"];
            let mut line = vec![file.to_owned(), name.clone()];
            let called = ["TableName", "BucketName", "Name", "RepositoryName"].into_iter();
            line.extend(called.filter(|field| !of[*field].is_null()).map(|field| yaml::text(&of[field])));
            line.extend(keys(&of["KeySchema"]));
            line.extend(indexes(of, "LocalSecondaryIndexes", "local"));
            line.extend(indexes(of, "GlobalSecondaryIndexes", "global"));
            if resource["Type"] == "AWS::DynamoDB::Table" {
                let recovery = &of["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
                assert_eq!(recovery, "true", "{name}");
                assert_eq!(of["TimeToLiveSpecification"]["Enabled"], "true", "{name}");
                let guarded = !of["DeletionProtectionEnabled"].is_null() && !of["SSESpecification"].is_null();
                assert!(guarded, "{name}");
            }
            found.push(line.join(" "));
        }
    }
    let outer = yaml::read(&read("template.yaml"));
    for (name, stack) in outer["Resources"].as_object().unwrap() {
        let template = yaml::text(&stack["Properties"]["TemplateURL"]);
        let holds = |line: &String| template == format!("infra/{}", line.split(' ').next().unwrap());
        if found.iter().any(holds) {
            found.push(format!("template.yaml {name} {template}"));
        }
    }
    found.sort();
    assert_eq!(found, KEPT);
}
