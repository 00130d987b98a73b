//! SQS batches.
