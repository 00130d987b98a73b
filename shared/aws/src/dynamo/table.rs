//! One table: its requests, with their errors mapped in one place.

use super::backoff;
use super::item::{Attributes, Item, key, n};
pub(super) use super::query::Query;
use super::write::{Action, Write, names_in};
use crate::failure::unavailable;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure};
use carteiro_core::ports::Unavailable;

/// The most keys of one BatchGetItem.
const MAX_BATCH: usize = 100;

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

/// How fresh a read is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// Sees every write that was answered before.
    Consistent,
    /// May be some moments late, at half the price. The only one that an index offers.
    Eventual,
}

/// What came of a conditional write.
pub(super) enum Written {
    /// It was made; the new item where the write asked for it.
    Done(Option<Item>),
    /// The item was not as the condition says: the item as it is, if it is there.
    Refused(Option<Item>),
}

/// What a failed conditional write tells.
trait Refusal {
    /// The item as it is, if the condition was not met.
    fn into_refused(self) -> Option<Option<Attributes>>;
}

macro_rules! refusal {
    ($($error:ident),*) => {
        $(impl Refusal for $error {
            fn into_refused(self) -> Option<Option<Attributes>> {
                match self {
                    $error::ConditionalCheckFailedException(refused) => Some(refused.item),
                    _ => None,
                }
            }
        })*
    };
}

refusal!(PutItemError, UpdateItemError, DeleteItemError);

/// Tells a refusal from a failure; `None` when the write met a transaction and may be tried again.
fn judge<E: Refusal + ProvideErrorMetadata, R: std::fmt::Debug>(
    result: Result<Option<Attributes>, SdkError<E, R>>,
    operation: &str,
) -> Option<Result<Written, Unavailable>> {
    let error = match result {
        Ok(item) => return Some(Ok(Written::Done(item.map(Item)))),
        Err(error) => error,
    };
    if error.as_service_error().and_then(E::code) == Some("TransactionConflictException") {
        return None;
    }
    let failure = unavailable(operation, &error);
    let refused = match error {
        SdkError::ServiceError(service) => service.into_err().into_refused(),
        _ => None,
    };
    Some(refused.map(|item| Written::Refused(item.map(Item))).ok_or(failure))
}

impl Table {
    /// The table of that name.
    pub(super) fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// How an operation on this table is named in errors.
    pub(super) fn operation(&self, name: &str) -> String {
        format!("dynamodb {name} {}", self.name)
    }

    /// One item.
    pub(super) async fn get(
        &self,
        pk: impl Into<String>,
        sk: impl Into<String>,
        read: Read,
    ) -> Result<Option<Item>, Unavailable> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key(pk, sk)));
        let answer = request.consistent_read(read == Read::Consistent).send().await;
        let answer = answer.map_err(|e| unavailable(self.operation("GetItem"), &e))?;
        Ok(answer.item.map(Item))
    }

    /// The items of these keys, in no order; those that are not there are left out.
    pub(super) async fn get_many(
        &self,
        keys: impl IntoIterator<Item = (String, String)>,
        read: Read,
    ) -> Result<Vec<Item>, Unavailable> {
        self.get_many_of(keys, read, None).await
    }

    /// As [`Table::get_many`]; of each item `pk` and the attributes that `only` names, each as `#name`, or all.
    pub(super) async fn get_many_of(
        &self,
        keys: impl IntoIterator<Item = (String, String)>,
        read: Read,
        only: Option<&str>,
    ) -> Result<Vec<Item>, Unavailable> {
        let operation = self.operation("BatchGetItem");
        let only = only.map(|names| format!("#pk, {names}"));
        let mut left: Vec<Attributes> = keys.into_iter().map(|(pk, sk)| key(pk, sk)).collect();
        let mut items = Vec::with_capacity(left.len());
        let mut fruitless = 0;
        while !left.is_empty() {
            let batch = left.split_off(left.len().saturating_sub(MAX_BATCH));
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(batch))
                .consistent_read(read == Read::Consistent)
                .set_projection_expression(only.clone())
                .set_expression_attribute_names(only.as_deref().map(|names| names_in([names])))
                .build()
                .map_err(|e| Unavailable::new(operation.clone(), e.to_string()))?;
            let answer = self.client.batch_get_item().request_items(&self.name, wanted).send().await;
            let answer = answer.map_err(|e| unavailable(&operation, &e))?;
            let found = answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default();
            // What did not fit one answer, or was throttled, is asked for again.
            let unprocessed = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
            let unprocessed = unprocessed.map(|u| u.keys).unwrap_or_default();
            if found.is_empty() && !unprocessed.is_empty() {
                fruitless += 1;
                if fruitless == backoff::ATTEMPTS {
                    return Err(Unavailable::new(operation, "keys stay unprocessed"));
                }
                backoff::wait(fruitless).await;
            }
            items.extend(found.into_iter().map(Item));
            left.extend(unprocessed);
        }
        Ok(items)
    }

    /// Makes one write. One that meets a transaction is tried again.
    pub(super) async fn write(&self, write: Write) -> Result<Written, Unavailable> {
        let mut attempt = 1;
        loop {
            let (operation, result) = self.try_write(&write).await;
            match result {
                Some(result) => return result,
                None if attempt == backoff::ATTEMPTS => {
                    return Err(Unavailable::new(operation, "TransactionConflictException"));
                }
                None => backoff::wait(attempt).await,
            }
            attempt += 1;
        }
    }

    /// Replaces an item that counts its `revision`, if that is still `seen`; whether it was so. `is_next` tells whether an item is
    /// what was to be stored: then the first answer was lost, and the SDK asked again.
    pub(super) async fn replace(
        &self,
        next: Item,
        seen: u32,
        is_next: impl FnOnce(&Item) -> bool,
    ) -> Result<bool, Unavailable> {
        let put = Write::put(next).when("#revision = :seen").value(":seen", n(seen));
        Ok(match self.write(put).await? {
            Written::Done(_) => true,
            Written::Refused(stored) => stored.as_ref().is_some_and(is_next),
        })
    }

    async fn try_write(&self, write: &Write) -> (String, Option<Result<Written, Unavailable>>) {
        let (names, values) = (write.names(), write.values());
        let condition = write.condition.clone();
        // DynamoDB refuses the wish without a condition.
        let on_refusal = condition.is_some().then_some(ReturnValuesOnConditionCheckFailure::AllOld);
        match write.action.clone() {
            Action::Put(item) => {
                let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
                let request =
                    request.set_condition_expression(condition).set_expression_attribute_names(names);
                let request = request.set_expression_attribute_values(values);
                let result = request.set_return_values_on_condition_check_failure(on_refusal).send().await;
                let operation = self.operation("PutItem");
                let judged = judge(result.map(|_| None), &operation);
                (operation, judged)
            }
            Action::Update(key, expression) => {
                let wanted = if write.wants_new { ReturnValue::AllNew } else { ReturnValue::None };
                let request = self.client.update_item().table_name(&self.name).set_key(Some(key));
                let request = request.update_expression(expression).return_values(wanted);
                let request =
                    request.set_condition_expression(condition).set_expression_attribute_names(names);
                let request = request.set_expression_attribute_values(values);
                let result = request.set_return_values_on_condition_check_failure(on_refusal).send().await;
                let operation = self.operation("UpdateItem");
                let judged = judge(result.map(|answer| answer.attributes), &operation);
                (operation, judged)
            }
            Action::Delete(key) => {
                let request = self.client.delete_item().table_name(&self.name).set_key(Some(key));
                let request =
                    request.set_condition_expression(condition).set_expression_attribute_names(names);
                let request = request.set_expression_attribute_values(values);
                let result = request.set_return_values_on_condition_check_failure(on_refusal).send().await;
                let operation = self.operation("DeleteItem");
                let judged = judge(result.map(|_| None), &operation);
                (operation, judged)
            }
            Action::Check(_) => {
                let operation = self.operation("TransactWriteItems");
                let reason = "a condition is checked in a transaction only".to_owned();
                (operation.clone(), Some(Err(Unavailable::new(operation, reason))))
            }
        }
    }
}
