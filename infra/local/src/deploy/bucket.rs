//! The bucket's policy, taken off.
//!
//! It says one thing: no request without TLS. The emulation is reached over plain HTTP on loopback and holds to the policy, so
//! that nothing could be stored. Everything else about the bucket stays as template.yaml has it.

use super::Clients;
use crate::error::{Error, While};

/// Lets the bucket be reached without TLS.
pub(super) async fn allow_plain_http(clients: &Clients, bucket: &str) -> Result<(), Error> {
    let gone = clients.objects.delete_bucket_policy().bucket(bucket).send().await;
    gone.map_err(aws_sdk_s3::Error::from).or_cannot("take the policy off the bucket")?;
    Ok(())
}
