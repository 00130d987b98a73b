//! The least function of the runtime that the others have: `cargo bench -p carteiro-local --bench binaries` measures them against it.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let hello = async |_: LambdaEvent<Value>| Ok::<_, Error>(json!({"statusCode": 200, "body": "hello"}));
    lambda_runtime::run(service_fn(hello)).await
}
