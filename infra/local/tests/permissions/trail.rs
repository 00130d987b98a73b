//! The trail of the operator's actions only grows, for every role.

use super::policies::of_document;
use super::yaml::text;
use super::{SESSION, TEMPLATE, file, functions};
use serde_json::Value;
use std::collections::BTreeSet;

/// The partition of the trail, as its adapter has it.
fn partition() -> String {
    let adapter = file("shared/aws/src/dynamo/audit.rs");
    let (_, name) = adapter.split_once("const PK: &str = \"").unwrap();
    name.split('"').next().unwrap().to_owned()
}

/// What a policy denies in the trail.
fn denied(policy: &str) -> BTreeSet<String> {
    let document = &TEMPLATE["Resources"][policy]["Properties"]["PolicyDocument"];
    let all = document["Statement"].as_array().unwrap();
    for statement in all {
        assert_eq!(statement["Effect"], "Deny", "{policy}");
        assert_eq!(text(&statement["Resource"]), "Data.Outputs.AccountsTableArn", "{policy}");
        let keys = &statement["Condition"]["ForAnyValue:StringEquals"]["dynamodb:LeadingKeys"];
        assert_eq!(keys, &Value::from(vec![partition()]), "{policy}");
    }
    of_document(document).into_iter().flat_map(|statement| statement.actions).collect()
}

#[test]
fn whatever_changes_an_item_is_denied_on_the_trail() {
    let changes = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"];
    assert_eq!(denied("TrailKept"), changes.map(str::to_owned).into());
}

#[test]
fn only_those_who_write_the_trail_may_add_to_it() {
    assert_eq!(denied("TrailOfOthers"), BTreeSet::from(["dynamodb:PutItem".to_owned()]));
    let listed = TEMPLATE["Resources"]["TrailOfOthers"]["Properties"]["Roles"].as_array().unwrap();
    let listed: BTreeSet<String> = listed.iter().map(text).collect();
    let others = functions().into_iter().filter(|(_, name)| {
        let main = file(&format!("functions/{name}/src/main.rs"));
        !main.contains("DynamoAudit")
    });
    assert_eq!(listed, others.map(|(resource, _)| format!("{resource}Role")).collect());
}

#[test]
fn the_session_task_does_not_reach_the_trail() {
    let policies = SESSION["Resources"]["TaskRole"]["Properties"]["Policies"].as_array().unwrap();
    let all = policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
    let on_accounts = all.filter(|statement| text(&statement["Resource"]) == "AccountsTableArn");
    let keys: Vec<&Value> = on_accounts
        .map(|statement| &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
        .collect();
    assert!(!keys.is_empty(), "it has a statement of its own for that table");
    for keys in keys {
        let mut keys = keys.as_array().unwrap().iter().map(text);
        assert!(keys.all(|key| key.ends_with('*') && !partition().starts_with(key.trim_end_matches('*'))));
    }
}
