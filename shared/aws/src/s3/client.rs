//! A client that is made when it is first used.

use aws_sdk_s3::Client;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// A client of S3, made when something is first asked of it: few of the requests that a function answers are about files, and the client
/// costs each of its starts as much as any other. Clones share one client.
#[derive(Clone)]
pub struct S3Client(Arc<LazyLock<Client, Make>>);

type Make = Box<dyn FnOnce() -> Client + Send>;

impl S3Client {
    pub(crate) fn new(make: impl FnOnce() -> Client + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }
}

impl Deref for S3Client {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl fmt::Debug for S3Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("S3Client").finish_non_exhaustive()
    }
}
