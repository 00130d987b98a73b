//! Reading templates.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value, json};

/// Reads YAML with CloudFormation's short forms: `!Ref x` becomes `{"Ref": "x"}`, `!Sub x` `{"Fn::Sub": "x"}`.
pub(crate) fn read(text: &str) -> Value {
    let mut events = Parser::new_from_str(text).map(|event| event.unwrap().0).peekable();
    while matches!(events.peek(), Some(Event::StreamStart | Event::DocumentStart(_))) {
        events.next();
    }
    value(&mut events)
}

fn value<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Value {
    let event = events.next().unwrap();
    node(event, events)
}

fn node<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>) -> Value {
    let (tag, value) = match event {
        Event::Scalar(text, _, _, tag) => (tag, Value::String(text.into_owned())),
        Event::SequenceStart(_, tag) => {
            let mut items = Vec::new();
            loop {
                match events.next().unwrap() {
                    Event::SequenceEnd => break (tag, Value::Array(items)),
                    event => items.push(node(event, events)),
                }
            }
        }
        Event::MappingStart(_, tag) => {
            let mut fields = Map::new();
            loop {
                match events.next().unwrap() {
                    Event::MappingEnd => break (tag, Value::Object(fields)),
                    event => {
                        let Value::String(key) = node(event, events) else { panic!("a key that is no text") };
                        fields.insert(key, value(events));
                    }
                }
            }
        }
        other => panic!("{other:?} in a template"),
    };
    match tag.filter(|tag| tag.handle == "!" && !tag.suffix.is_empty()) {
        Some(tag) if ["Ref", "Condition"].contains(&tag.suffix.as_str()) => {
            json!({ tag.suffix.as_str(): value })
        }
        Some(tag) => json!({ format!("Fn::{}", tag.suffix): value }),
        None => value,
    }
}

/// What a reference names: `{"Fn::GetAtt": "Data.Outputs.X"}` is `Data.Outputs.X`.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => fields.values().next().map(text).unwrap_or_default(),
        Value::Array(parts) => parts.iter().map(text).collect::<Vec<_>>().join("."),
        other => other.to_string(),
    }
}
