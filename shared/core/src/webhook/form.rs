//! The old form encoding: what `form:` of npm's `request` makes of an object, which is `stringify` of npm's `qs` 6.5.
//!
//! Nested objects are written with brackets (`json[message]`), lists by index (`json[0]`), `null` as an empty value; an object
//! or a list without members is left out. Names and values are percent-encoded as RFC 3986 has it, brackets included.
//! Members come in the order of JavaScript: whole numbers first, by value, then the rest as they are.

use super::js_number;
use serde_json::{Map, Value};

/// Writes members as a form.
pub fn form<'a>(members: impl IntoIterator<Item = (&'a str, &'a Value)>) -> String {
    let mut out = String::new();
    for (name, value) in members {
        write(&mut out, &encoded(name), value);
    }
    out
}

fn write(out: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => pair(out, name, ""),
        Value::Bool(value) => pair(out, name, if *value { "true" } else { "false" }),
        Value::Number(number) => pair(out, name, &js_number::text(number)),
        Value::String(text) => pair(out, name, text),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                write(out, &format!("{name}%5B{place}%5D"), item);
            }
        }
        Value::Object(members) => {
            for (member, value) in in_order(members) {
                write(out, &format!("{name}%5B{}%5D", encoded(member)), value);
            }
        }
    }
}

fn pair(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() {
        out.push('&');
    }
    out.push_str(name);
    out.push('=');
    out.push_str(&encoded(value));
}

/// JavaScript's order of an object's members.
fn in_order(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut all: Vec<_> = members.iter().collect();
    all.sort_by_key(|(name, _)| array_index(name).map_or(u64::MAX, u64::from));
    all
}

/// A name that is a whole number as JavaScript counts members: below 2³² − 1, without leading zeros.
fn array_index(name: &str) -> Option<u32> {
    let index: u32 = name.parse().ok()?;
    (index != u32::MAX && index.to_string() == name).then_some(index)
}

fn encoded(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// `golden/form.json` is what npm's `qs` 6.5.3 made of each value, with `request`'s own escapes after it; see
    /// `golden/form.js`.
    #[test]
    fn it_is_what_qs_makes_byte_for_byte() {
        let cases: Vec<Value> = serde_json::from_str(include_str!("golden/form.json")).unwrap();
        assert!(cases.len() > 200);
        for case in cases {
            let members = case["members"].as_array().unwrap().iter();
            let members = members.map(|member| (member[0].as_str().unwrap(), &member[1]));
            assert_eq!(form(members), case["form"].as_str().unwrap(), "{}", case["members"]);
        }
    }

    /// Reads a form back: leaves by their path, as text.
    fn leaves(form: &str) -> Vec<(Vec<String>, String)> {
        let decoded = |text: &str| {
            let mut bytes = Vec::new();
            let mut rest = text.as_bytes();
            while let Some((first, after)) = rest.split_first() {
                if *first == b'%' {
                    bytes.extend(hex::decode(&after[..2]).unwrap());
                    rest = &after[2..];
                } else {
                    bytes.push(*first);
                    rest = after;
                }
            }
            String::from_utf8(bytes).unwrap()
        };
        form.split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                let path = name.split("%5B").map(|part| decoded(part.strip_suffix("%5D").unwrap_or(part)));
                (path.collect(), decoded(value))
            })
            .collect()
    }

    fn collect(path: &[String], value: &Value, found: &mut Vec<(Vec<String>, String)>) {
        let below = |name: String| [path, &[name]].concat();
        match value {
            Value::Null => found.push((path.to_vec(), String::new())),
            Value::Bool(value) => found.push((path.to_vec(), value.to_string())),
            Value::Number(number) => found.push((path.to_vec(), js_number::text(number))),
            Value::String(text) => found.push((path.to_vec(), text.clone())),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, item)| collect(&below(n.to_string()), item, found));
            }
            Value::Object(members) => {
                in_order(members).into_iter().for_each(|(name, v)| collect(&below(name.clone()), v, found));
            }
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(|number| json!(number)),
            any::<String>().prop_map(Value::from),
        ];
        // Brackets in a name cannot be told from those around it; no other character is special.
        let name = "[^\\[\\]]{0,8}";
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_survives(value in any_json()) {
            let mut expected = Vec::new();
            collect(&["json".to_owned()], &value, &mut expected);
            let written = form([("json", &value)]);
            prop_assert!(written.bytes().all(|b| b.is_ascii_graphic()));
            prop_assert_eq!(leaves(&written), expected);
        }
    }
}
