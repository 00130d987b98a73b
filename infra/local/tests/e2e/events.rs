//! Every sample of `events/`, given to its function as Lambda does: through the Runtime API, to the packaged program.
//!
//! The samples hold credentials and ids that say they are examples; those are put in from what the samples before made, in
//! the order of a customer's first day. `CARTEIRO_PACKAGED=.aws-sam/build` runs it over what `sam build` packaged.

use crate::tenant::Tenant;
use crate::world::World;
use carteiro_local::Answer;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The samples that ran.
struct Samples<'a> {
    world: &'a World,
    done: BTreeSet<String>,
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

impl Samples<'_> {
    /// Gives `events/NAME.json` to its function, with the given texts in place of others; the function's answer.
    async fn run(&mut self, name: &str, function: &str, instead: &[(&str, &str)]) -> Value {
        let answer = self.invoke(name, function, instead).await;
        assert!(!answer.headers.contains_key("x-amz-function-error"), "{name}: {}", answer.text());
        answer.json()
    }

    async fn invoke(&mut self, name: &str, function: &str, instead: &[(&str, &str)]) -> Answer {
        let mut event = std::fs::read_to_string(directory().join(format!("{name}.json"))).unwrap();
        for (example, real) in instead {
            assert!(event.contains(example), "{name}: no {example}");
            event = event.replace(example, real);
        }
        self.done.insert(name.to_owned());
        let url =
            format!("{}/2015-03-31/functions/carteiro-{function}/invocations", self.world.aws_endpoint());
        // Who calls is looked at, and the signature is not.
        let caller = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/lambda/aws4_request, \
                      SignedHeaders=host, Signature=none";
        let headers = [("authorization", caller)];
        let answer = self.world.http.request("POST", &url, &headers, event.into_bytes()).await.unwrap();
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        answer
    }

    /// A sample of the API's: the status that is answered, and the body.
    async fn ask(&mut self, name: &str, function: &str, instead: &[(&str, &str)]) -> (u64, Value) {
        let answer = self.run(name, function, instead).await;
        let body = answer["body"].as_str().map(serde_json::from_str).unwrap_or(Ok(Value::Null));
        (answer["statusCode"].as_u64().unwrap(), body.unwrap())
    }

    /// A sample of a queue's: nothing of it is to come again.
    async fn hand(&mut self, name: &str, function: &str, instead: &[(&str, &str)]) {
        let answer = self.run(name, function, instead).await;
        assert_eq!(answer["batchItemFailures"], json!([]), "{name}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sample_runs_through_the_runtime_api() {
    let world = World::start().await;
    let mut samples = Samples { world: &world, done: BTreeSet::new() };
    let operator = [("EXEMPLO-token-do-operador", world.operator_token())];

    let (status, registered) = samples.ask("users", "users", &operator).await;
    assert_eq!(status, 201, "{registered}");
    let token = registered["description"]["token"].as_str().unwrap().to_owned();
    let tenant = Tenant::new(&world, token.clone(), registered["description"]["user_id"].as_str().unwrap());
    let account = [("EXEMPLO-token-da-conta", token.as_str())];
    let worker = json!({"number": "5511999999999", "role": "worker"});
    assert!(tenant.call("POST", "/v2/numbers/add", &worker).await.status < 300);

    // Nobody has that address: it is told nothing about who has an account.
    let (status, body) = samples.ask("auth", "auth", &[]).await;
    assert_eq!(status, 200, "{body}");
    let (status, body) = samples.ask("numbers", "numbers", &account).await;
    assert_eq!((status, &body["description"]["state"]), (200, &json!("offline")), "{body}");

    let (status, accepted) = samples.ask("sends", "sends", &account).await;
    assert_eq!(status, 201, "{accepted}");
    let send = accepted["description"]["send_id"].as_str().unwrap().to_owned();
    samples.hand("dispatch", "dispatch", &[("3f8a6c1e-52d4-4b7a-9e0f-1c2d3e4f5a6b", &send)]).await;
    let (status, accepted) = samples.ask("bulk", "bulk", &account).await;
    assert_eq!(status, 202, "{accepted}");
    // An operation that is not there may not be seen yet: its turn comes again.
    let turn = samples.run("bulk-turn", "bulk", &[]).await;
    assert_eq!(turn["batchItemFailures"].as_array().map(Vec::len), Some(1), "{turn}");
    // The sample asks for a month, which is to be this one.
    let day = |days: i64| {
        (Timestamp::now() + SignedDuration::from_hours(24 * days)).strftime("%Y-%m-%d").to_string()
    };
    let (first, last) = (day(-1), day(1));
    let period = [account[0], ("2026-11-01", first.as_str()), ("2026-11-30", last.as_str())];
    let (status, report) = samples.ask("reports", "reports", &period).await;
    assert_eq!(status, 200, "{report}");
    assert!(report.to_string().contains(&send), "{report}");

    let (status, body) = samples.ask("receivers", "receivers", &account).await;
    assert_eq!(status, 201, "{body}");
    samples.hand("webhooks", "webhooks", &[]).await;
    let (status, body) = samples.ask("sessions", "sessions", &account).await;
    // As the first version has it: a session that is not there is no error of HTTP's.
    assert_eq!((status, &body["message"]), (200, &json!("Esta sessão não está verificada.")));
    samples.hand("received", "received", &[]).await;
    samples.hand("bounces", "bounces", &[]).await;
    samples.hand("exports", "exports", &[]).await;
    samples.hand("privacy", "exports", &[]).await;
    // The sample names another deployment's secret, which this one's function leaves alone.
    let refused = samples.invoke("rotation", "rotation", &[]).await;
    assert!(refused.text().contains("rotates another secret"), "{}", refused.text());

    let operator = [("EXEMPLO-token-de-administracao", world.operator_token())];
    let (status, users) = samples.ask("operator", "operator", &operator).await;
    assert_eq!(status, 200, "{users}");
    assert!(users.to_string().contains(&tenant.id), "{users}");
    let (status, document) = samples.ask("docs", "docs", &[]).await;
    assert_eq!((status, &document["info"]["title"]), (200, &json!("Carteiro")));
    assert_eq!(samples.run("sweeper", "sweeper", &[]).await, Value::Null, "a schedule is told nothing");
    samples.hand("sweeper-wake", "sweeper", &[]).await;

    let all: BTreeSet<String> = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(samples.done, all, "each file of events/ is run here");
    drop(tenant);
    drop(samples);
    world.stop().await;
}
