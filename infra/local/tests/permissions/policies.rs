//! What the templates permit.

use super::effects::Effects;
use super::reach::Things;
use super::yaml::text;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One permission: these actions, on these resources.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// Its name.
    pub(crate) sid: String,
    /// The actions.
    pub(crate) actions: Vec<String>,
    /// The resources, each as text; what is permitted on all but some has none.
    pub(crate) resources: Vec<String>,
}

/// The statements of a role.
pub(crate) fn statements(role: &Value) -> Vec<Statement> {
    let policies = role["Properties"]["Policies"].as_array().into_iter().flatten();
    let documents = policies.map(|policy| &policy["PolicyDocument"]);
    documents.flat_map(of_document).collect()
}

/// The statements of a policy; of one that depends on a condition, those of both cases.
pub(crate) fn of_document(document: &Value) -> Vec<Statement> {
    let statements = document["Statement"].as_array().into_iter().flatten();
    let statements = statements.flat_map(|statement| match statement["Fn::If"].as_array() {
        Some(branches) => branches[1..].iter().filter(|branch| branch["Ref"].is_null()).collect(),
        None => vec![statement],
    });
    let read = |statement: &Value| Statement {
        sid: statement["Sid"].as_str().unwrap_or_default().to_owned(),
        actions: list(&statement["Action"]).map(|action| action.as_str().unwrap().to_owned()).collect(),
        resources: list(&statement["Resource"]).map(text).collect(),
    };
    statements.map(read).collect()
}

/// What is one or a list, as a list.
pub(crate) fn list(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Null => Box::new(std::iter::empty()),
        one => Box::new(std::iter::once(one)),
    }
}

/// The ARN that belongs to what a setting holds: `Data.Outputs.SendsTable` has `Data.Outputs.SendsTableArn` beside it.
fn arn_beside(value: &str) -> String {
    for (ending, arn) in [("UrlPrefix", "Arns"), ("QueuePrefix", "QueueArns"), ("Url", "Arn"), ("Arn", "Arn")]
    {
        if let Some(name) = value.strip_suffix(ending) {
            return format!("{name}{arn}");
        }
    }
    format!("{value}Arn")
}

/// What statements permit on the things that settings name. `settings` has what each setting holds. Statements that `apart` says
/// are none of the code's are left out.
pub(crate) fn granted(
    statements: &[Statement],
    settings: &BTreeMap<String, String>,
    apart: impl Fn(&Statement) -> bool,
) -> Things {
    let arns: Vec<(&String, String)> =
        settings.iter().map(|(name, value)| (name, arn_beside(value))).collect();
    let mut wants = Things::new();
    for statement in statements.iter().filter(|statement| !apart(statement)) {
        let mut things = BTreeMap::<String, BTreeSet<String>>::new();
        for resource in &statement.resources {
            let resource = resource.replace("${", "").replace('}', "");
            let thing = arns.iter().find(|(_, arn)| {
                resource
                    .strip_prefix(arn.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            let indexes =
                things.entry(thing.map(|(name, _)| (*name).clone()).unwrap_or_default()).or_default();
            indexes.extend(resource.split_once("/index/").map(|(_, index)| index.to_owned()));
        }
        if things.is_empty() {
            things.insert(String::new(), BTreeSet::new());
        }
        for (thing, indexes) in things {
            let actions = statement.actions.iter().cloned().collect();
            wants.entry(thing).or_default().take(Effects { actions, indexes });
        }
    }
    wants
}
