//! Counts what calls to AWS cost, for the benchmark of a send's cost.

use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
    BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::{
    batch_get_item, batch_write_item, delete_item, get_item, put_item, query, transact_write_items,
    update_item,
};
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The log target that tells of every counted call, at `trace`.
pub const CALLS: &str = "carteiro::aws";

/// What the calls of one operation came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Calls {
    /// Requests made, repetitions included.
    pub requests: u64,
    /// DynamoDB read units consumed.
    pub read_units: f64,
    /// DynamoDB write units consumed. DynamoDB bills a refused conditional write too but does not tell its units: those are
    /// not in here.
    pub write_units: f64,
}

/// Counts the calls of the clients it is attached to ([`crate::AwsClients::counting`]). Clones count together.
#[derive(Debug, Clone, Default)]
pub struct CallCounter {
    calls: Arc<Mutex<BTreeMap<String, Calls>>>,
}

impl CallCounter {
    /// The counts by operation, such as `dynamodb PutItem`.
    pub fn snapshot(&self) -> BTreeMap<String, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins anew.
    pub fn reset(&self) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn add(&self, cfg: &ConfigBag, add: impl FnOnce(&mut Calls)) {
        let operation = match cfg.load::<Metadata>() {
            Some(call) => format!("{} {}", call.service().to_lowercase(), call.name()),
            None => "unknown".to_owned(),
        };
        let mut one = Calls::default();
        add(&mut one);
        tracing::trace!(
            target: CALLS,
            aws_operation = operation,
            aws_requests = one.requests,
            read_units = one.read_units,
            write_units = one.write_units,
            "aws call"
        );
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = calls.entry(operation).or_default();
        sum.requests += one.requests;
        sum.read_units += one.read_units;
        sum.write_units += one.write_units;
    }
}

/// Asks for the consumed capacity in an input of one of these types.
macro_rules! ask {
    ($context:ident, $($input:ty),*) => {
        $(if let Some(input) = $context.input_mut().downcast_mut::<$input>() {
            input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
        })*
    };
}

impl Intercept for CallCounter {
    fn name(&self) -> &'static str {
        "CallCounter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        ask!(
            context,
            batch_get_item::BatchGetItemInput,
            batch_write_item::BatchWriteItemInput,
            delete_item::DeleteItemInput,
            get_item::GetItemInput,
            put_item::PutItemInput,
            query::QueryInput,
            transact_write_items::TransactWriteItemsInput,
            update_item::UpdateItemInput
        );
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.add(cfg, |calls| calls.requests += 1);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        let units = |one: &[ConsumedCapacity]| one.iter().filter_map(|c| c.capacity_units).sum::<f64>();
        let one = |capacity: &Option<ConsumedCapacity>| units(capacity.as_slice());
        let (read, write) = if let Some(o) = output.downcast_ref::<get_item::GetItemOutput>() {
            (one(&o.consumed_capacity), 0.0)
        } else if let Some(o) = output.downcast_ref::<query::QueryOutput>() {
            (one(&o.consumed_capacity), 0.0)
        } else if let Some(o) = output.downcast_ref::<batch_get_item::BatchGetItemOutput>() {
            (units(o.consumed_capacity()), 0.0)
        } else if let Some(o) = output.downcast_ref::<batch_write_item::BatchWriteItemOutput>() {
            (0.0, units(o.consumed_capacity()))
        } else if let Some(o) = output.downcast_ref::<put_item::PutItemOutput>() {
            (0.0, one(&o.consumed_capacity))
        } else if let Some(o) = output.downcast_ref::<update_item::UpdateItemOutput>() {
            (0.0, one(&o.consumed_capacity))
        } else if let Some(o) = output.downcast_ref::<delete_item::DeleteItemOutput>() {
            (0.0, one(&o.consumed_capacity))
        } else if let Some(o) = output.downcast_ref::<transact_write_items::TransactWriteItemsOutput>() {
            (0.0, units(o.consumed_capacity()))
        } else {
            return Ok(());
        };
        self.add(cfg, |calls| {
            calls.read_units += read;
            calls.write_units += write;
        });
        Ok(())
    }
}
