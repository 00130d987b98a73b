//! Which permissions the SDK's operations need.

use super::program::Function;
use super::walk::Deeds;
use std::collections::BTreeSet;

/// What a piece of code may ask of one thing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Actions, as IAM names them.
    pub(crate) actions: BTreeSet<String>,
    /// Indexes that are read.
    pub(crate) indexes: BTreeSet<String>,
}

impl Effects {
    /// Those of one service, such as `s3:`.
    pub(crate) fn of_service(&self, service: &str) -> Effects {
        let actions = self.actions.iter().filter(|action| action.starts_with(service)).cloned().collect();
        let indexes = if service == "dynamodb:" { self.indexes.clone() } else { BTreeSet::new() };
        Effects { actions, indexes }
    }

    /// Takes these in too.
    pub(crate) fn take(&mut self, other: Effects) {
        self.actions.extend(other.actions);
        self.indexes.extend(other.indexes);
    }
}

/// The permission of each operation, from the service authorization reference. What a transaction needs are the permissions of its
/// members, which [`writes`] finds.
const OPERATIONS: [(&str, Option<&str>); 30] = [
    ("get_item", Some("dynamodb:GetItem")),
    ("batch_get_item", Some("dynamodb:BatchGetItem")),
    ("query", Some("dynamodb:Query")),
    ("put_item", Some("dynamodb:PutItem")),
    ("update_item", Some("dynamodb:UpdateItem")),
    ("delete_item", Some("dynamodb:DeleteItem")),
    ("batch_write_item", Some("dynamodb:BatchWriteItem")),
    ("transact_write_items", None),
    ("send_message", Some("sqs:SendMessage")),
    ("receive_message", Some("sqs:ReceiveMessage")),
    ("delete_message_batch", Some("sqs:DeleteMessage")),
    ("send_message_batch", Some("sqs:SendMessage")),
    ("change_message_visibility_batch", Some("sqs:ChangeMessageVisibility")),
    ("put_object", Some("s3:PutObject")),
    ("get_object", Some("s3:GetObject")),
    ("head_object", Some("s3:GetObject")),
    ("delete_object", Some("s3:DeleteObject")),
    ("create_multipart_upload", Some("s3:PutObject")),
    ("upload_part", Some("s3:PutObject")),
    ("complete_multipart_upload", Some("s3:PutObject")),
    ("abort_multipart_upload", Some("s3:AbortMultipartUpload")),
    ("list_objects_v2", Some("s3:ListBucket")),
    ("describe_secret", Some("secretsmanager:DescribeSecret")),
    ("put_secret_value", Some("secretsmanager:PutSecretValue")),
    ("update_secret_version_stage", Some("secretsmanager:UpdateSecretVersionStage")),
    ("get_secret_value", Some("secretsmanager:GetSecretValue")),
    ("send_email", Some("ses:SendEmail")),
    ("publish", Some("sns:Publish")),
    ("scan", Some("dynamodb:Scan")),
    ("config", None),
];

/// Which one write of one item a function of `Write` stands for.
fn writes(function: &Function) -> Option<&'static str> {
    match (function.owner.as_deref()?, function.name.as_str()) {
        ("carteiro_aws::dynamo::write::Write", "put") => Some("dynamodb:PutItem"),
        ("carteiro_aws::dynamo::write::Write", "update") => Some("dynamodb:UpdateItem"),
        ("carteiro_aws::dynamo::write::Write", "delete") => Some("dynamodb:DeleteItem"),
        ("carteiro_aws::dynamo::write::Write", "check") => Some("dynamodb:ConditionCheckItem"),
        // A form that a client uploads with is checked against the permissions of who signed it.
        ("carteiro_aws::s3::post_form::PostForm", "fields") => Some("s3:PutObject"),
        _ => None,
    }
}

/// What a function of the adapters asks by itself; nothing where it only carries out a `Write`, which was counted where it was made.
pub(crate) fn effects(function: &Function, deeds: &Deeds) -> Option<Effects> {
    let owner = function.owner.as_deref().unwrap_or_default();
    if (owner, function.name.as_str()) == ("carteiro_aws::dynamo::table::Table", "try_write") {
        return None;
    }
    let mut found = Effects::default();
    found.actions.extend(writes(function).map(str::to_owned));
    for operation in deeds.operations.iter().filter(|operation| *operation != "presigned") {
        let known = OPERATIONS.iter().find(|(name, _)| name == operation);
        let (_, action) = known
            .unwrap_or_else(|| panic!("{owner}::{}: which permission does {operation} need?", function.name));
        found.actions.extend(action.map(str::to_owned));
        // Who may not list the bucket is told that what is not there is forbidden, and could not tell the one from the other.
        if ["get_object", "head_object"].contains(&operation.as_str())
            && !deeds.operations.contains("presigned")
        {
            found.actions.insert("s3:ListBucket".to_owned());
        }
    }
    found.indexes.extend(deeds.indexes.iter().map(|index| index.to_lowercase()));
    Some(found)
}
