//! Queries for the items of one partition.

use super::item::{Attributes, Item, s};
use super::table::{Read, Table};
use super::write::names_in;
use crate::failure::unavailable;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use carteiro_core::ports::Unavailable;
use std::collections::HashMap;

/// A query for the items of one partition.
pub(super) struct Query {
    index: Option<&'static str>,
    condition: String,
    values: HashMap<String, AttributeValue>,
    read: Read,
    limit: Option<usize>,
    backwards: bool,
    only: Option<&'static str>,
}

impl Query {
    /// The items that meet a key condition, in which attributes are written `#name`.
    pub(super) fn new(condition: impl Into<String>, read: Read) -> Self {
        Self {
            index: None,
            condition: condition.into(),
            values: HashMap::new(),
            read,
            limit: None,
            backwards: false,
            only: None,
        }
    }

    /// In an index.
    pub(super) fn index(mut self, index: &'static str) -> Self {
        self.index = Some(index);
        self
    }

    /// The last ones first.
    pub(super) fn backwards(mut self) -> Self {
        self.backwards = true;
        self
    }

    /// Gives `:name` of the condition its value.
    pub(super) fn value(mut self, name: &str, text: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), s(text));
        self
    }

    /// Of each item these attributes alone, each as `#name`. It costs the same, and carries less.
    pub(super) fn only(mut self, names: &'static str) -> Self {
        self.only = Some(names);
        self
    }

    /// At most so many.
    pub(super) fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Table {
    /// The items of a partition, in the order of their sort key.
    pub(super) async fn query(&self, query: Query) -> Result<Vec<Item>, Unavailable> {
        let mut items = Vec::new();
        let mut start = None;
        while query.limit.is_none_or(|limit| items.len() < limit) {
            let answer = self.ask(self.request(&query, items.len(), start)).await?;
            items.extend(answer.items.unwrap_or_default().into_iter().map(Item));
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(items)
    }

    /// One page of a query, at most 1 MB, from where an earlier page ended; and where this one did, if there may be more.
    pub(super) async fn page(
        &self,
        query: Query,
        start: Option<Attributes>,
    ) -> Result<(Vec<Item>, Option<Attributes>), Unavailable> {
        let answer = self.ask(self.request(&query, 0, start)).await?;
        Ok((answer.items.unwrap_or_default().into_iter().map(Item).collect(), answer.last_evaluated_key))
    }

    /// How many items a query finds, counted no further than its limit. It costs what reading their keys would.
    pub(super) async fn count(&self, query: Query) -> Result<usize, Unavailable> {
        let mut counted = 0;
        let mut start = None;
        while query.limit.is_none_or(|limit| counted < limit) {
            let answer = self.ask(self.request(&query, counted, start).select(Select::Count)).await?;
            counted += usize::try_from(answer.count).unwrap_or_default();
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(counted)
    }

    /// The request for what is left of a query of which there are `had` already, from where the last page ended.
    fn request(&self, query: &Query, had: usize, start: Option<Attributes>) -> QueryFluentBuilder {
        let left = query.limit.map(|limit| i32::try_from(limit - had).unwrap_or(i32::MAX));
        self.client
            .query()
            .table_name(&self.name)
            .set_index_name(query.index.map(str::to_owned))
            .key_condition_expression(&query.condition)
            .set_projection_expression(query.only.map(str::to_owned))
            .set_expression_attribute_names(Some(names_in([
                query.condition.as_str(),
                query.only.unwrap_or_default(),
            ])))
            .set_expression_attribute_values(Some(query.values.clone()))
            .consistent_read(query.read == Read::Consistent)
            .scan_index_forward(!query.backwards)
            .set_limit(left)
            .set_exclusive_start_key(start)
    }

    async fn ask(&self, request: QueryFluentBuilder) -> Result<QueryOutput, Unavailable> {
        request.send().await.map_err(|error| unavailable(self.operation("Query"), &error))
    }
}
