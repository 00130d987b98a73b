//! One write of one item, alone or in a transaction.

use super::item::{Attributes, Item, key};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use std::collections::HashMap;

/// What a write does.
#[derive(Clone)]
pub(super) enum Action {
    Put(Attributes),
    Update(Attributes, String),
    Delete(Attributes),
    Check(Attributes),
}

/// A write with its condition. In expressions every attribute is written `#name`: so no name is ever a reserved word, and
/// the names are read from the expressions.
#[derive(Clone)]
pub(super) struct Write {
    pub(super) action: Action,
    pub(super) condition: Option<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
    pub(super) wants_new: bool,
}

impl Write {
    fn of(action: Action) -> Self {
        let (names, values) = (HashMap::new(), HashMap::new());
        Self { action, condition: None, names, values, wants_new: false }
    }

    /// Creates or replaces an item.
    pub(super) fn put(item: Item) -> Self {
        Self::of(Action::Put(item.0))
    }

    /// Changes an item, or creates it.
    pub(super) fn update(
        pk: impl Into<String>,
        sk: impl Into<String>,
        expression: impl Into<String>,
    ) -> Self {
        Self::of(Action::Update(key(pk, sk), expression.into()))
    }

    /// Changes an item attribute by attribute, or creates it. Each value that is set stands in the condition too, as `:` and its
    /// attribute's name.
    pub(super) fn change(pk: impl Into<String>, sk: impl Into<String>, changes: Changes) -> Self {
        let Changes { set, remove, values } = changes;
        let clause = |word: &str, parts: Vec<String>| match parts.is_empty() {
            true => String::new(),
            false => format!("{word} {} ", parts.join(", ")),
        };
        let expression = clause("SET", set) + &clause("REMOVE", remove);
        Self { values, ..Self::update(pk, sk, expression.trim_end()) }
    }

    /// Deletes an item.
    pub(super) fn delete(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self::of(Action::Delete(key(pk, sk)))
    }

    /// Changes nothing, in a transaction.
    pub(super) fn check(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self::of(Action::Check(key(pk, sk)))
    }

    /// Only if the item is so.
    pub(super) fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Gives `:name` of the expressions its value.
    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// Says what `#name` of the expressions stands for, where that is not `name`.
    pub(super) fn name(mut self, name: &str, stands_for: &str) -> Self {
        self.names.insert(name.to_owned(), stands_for.to_owned());
        self
    }

    /// Answers the item as an update left it.
    pub(super) fn returning_new(mut self) -> Self {
        self.wants_new = true;
        self
    }

    /// The names of the expressions; DynamoDB refuses an empty map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        let update = match &self.action {
            Action::Update(_, expression) => expression.as_str(),
            _ => "",
        };
        let mut names = names_in([update, self.condition.as_deref().unwrap_or_default()]);
        names.extend(self.names.clone());
        (!names.is_empty()).then_some(names)
    }

    /// The values of the expressions; DynamoDB refuses an empty map.
    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    /// This write as a part of a transaction on `table`, which tells the old item when the condition is not met.
    pub(super) fn in_transaction(&self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let (names, values) = (self.names(), self.values());
        let condition = self.condition.clone();
        let on_refusal = ReturnValuesOnConditionCheckFailure::AllOld;
        let item = TransactWriteItem::builder();
        let item = match self.action.clone() {
            Action::Put(attributes) => item.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(attributes))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(on_refusal)
                    .build()?,
            ),
            Action::Update(key, expression) => item.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(expression)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(on_refusal)
                    .build()?,
            ),
            Action::Delete(key) => item.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(on_refusal)
                    .build()?,
            ),
            Action::Check(key) => item.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(on_refusal)
                    .build()?,
            ),
        };
        Ok(item.build())
    }
}

/// What becomes of an item's attributes.
#[derive(Clone, Default)]
pub(super) struct Changes {
    set: Vec<String>,
    remove: Vec<String>,
    values: HashMap<String, AttributeValue>,
}

impl Changes {
    /// Sets an attribute.
    pub(super) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push(format!("#{name} = :{name}"));
        self.values.insert(format!(":{name}"), value);
        self
    }

    /// Sets an attribute, if there is a value; leaves it alone if there is none.
    pub(super) fn set_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Takes an attribute away.
    pub(super) fn remove(mut self, name: &str) -> Self {
        self.remove.push(format!("#{name}"));
        self
    }

    /// Sets an attribute, or takes it away if there is no value.
    pub(super) fn set_or_remove(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }
}

/// Every `#name` in the expressions, standing for `name`.
pub(super) fn names_in<'a>(expressions: impl IntoIterator<Item = &'a str>) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for expression in expressions {
        for rest in expression.split('#').skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            names.insert(format!("#{}", &rest[..end]), rest[..end].to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_expressions() {
        let write = Write::update("p", "s", "SET #status = :s REMOVE #due_pk, #split.#k").when("#pk = :x");
        let names = write.name("#k", "a b").names().unwrap();
        let expected =
            [("#status", "status"), ("#due_pk", "due_pk"), ("#split", "split"), ("#k", "a b"), ("#pk", "pk")];
        assert_eq!(names, expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
        assert_eq!(Write::delete("p", "s").names(), None);
    }

    #[test]
    fn changes_make_one_expression() {
        let value = || AttributeValue::Bool(true);
        let expression = |changes: Changes| match Write::change("p", "s", changes).action {
            Action::Update(_, expression) => expression,
            _ => panic!("an update"),
        };
        let set = Changes::default().set("a", value()).set_some("b", None).set_or_remove("c", Some(value()));
        assert_eq!(expression(set.clone()), "SET #a = :a, #c = :c");
        assert_eq!(
            expression(set.clone().remove("d").set_or_remove("e", None)),
            "SET #a = :a, #c = :c REMOVE #d, #e"
        );
        assert_eq!(expression(Changes::default().remove("d")), "REMOVE #d");
        let values = Write::change("p", "s", set).values().unwrap();
        assert_eq!(values, [":a", ":c"].map(|name| (name.to_owned(), value())).into());
    }
}
