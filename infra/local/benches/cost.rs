//! What Carteiro costs in AWS calls and DynamoDB units, counted at the SDK: `cargo bench -p carteiro-local --bench cost`, or with
//! `--profile dev` after `bench`, which counts the same and builds sooner. With `-- --write` it writes `infra/cost/counts.json`.
//!
//! Every part tells each of its calls on the log target `carteiro::aws`; the benchmark adds them up. It counts first what goes on
//! whether or not there is anything to do (receiving, heartbeats, the sweeper), and takes that off what it counts of a text, a
//! picture, a text that comes, and its event. Reading secrets is left out: it goes by how many instances of functions there are.
//! Lambda's own polling of the queues is none of the SDK's calls, and not in here.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    dead_code,
    reason = "a benchmark prints, and takes what it needs of the tests' samples"
)]

#[path = "../tests/e2e/files.rs"]
mod files;
mod rig;
#[path = "../tests/e2e/samples.rs"]
mod samples;

use files::Files;
use rig::{Calls, Counted, Driver, Rig};
use serde_json::json;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How many of each are counted.
const EACH: usize = 100;
/// How long nothing is done: the sweeper comes each minute.
const IDLE: Duration = Duration::from_secs(300);
const NUMBER: &str = "5511988880001";
const CONTACT: &str = "5511977770001";
const HOUR: f64 = 3_600.0;
const HOOK: &str = "/custo";

#[tokio::main]
async fn main() -> Result<()> {
    let files = Files::start().await;
    let rig = Rig::whole("cost", "info,carteiro::aws=trace", |directory| files.origins(directory)).await?;
    let result = measure(&rig, &files).await;
    rig.stop().await;
    result
}

async fn measure(rig: &Rig, files: &Files) -> Result<()> {
    let driver = rig.driver().await?;
    let picture = files.serve("/imagem.png", "image/png", samples::png());
    driver.contact(CONTACT).await?;
    driver.pair(NUMBER).await?;
    // The first of each kind asks for what is kept from then on: devices, keys, an upload's host.
    let first = driver.send(NUMBER, CONTACT, "primeira").await?;
    driver.status(&first, "entregue").await?;
    let first = driver.send_image(NUMBER, CONTACT, &picture).await?;
    driver.status(&first, "entregue").await?;
    driver.write(CONTACT, NUMBER, "primeira").await?;

    eprintln!("nothing is done for {} minutes", IDLE.as_secs() / 60);
    let counter = Counter { logs: rig.system.logs() };
    let begin = counter.now()?;
    sleep(IDLE).await;
    let (idle, seconds) = counter.now()?.since(&begin);
    let idle = idle.times(1.0 / seconds);

    let text = counter.each(&idle, texts(&driver)).await?;
    let media = counter.each(&idle, pictures(&driver, &picture)).await?;
    let received = counter.each(&idle, incoming(&driver, rig, false)).await?;
    let receiver = rig.system.receiver().ok_or("no receiver")?;
    driver.set_webhook(&receiver.url(HOOK), &["recebendoMensagem"]).await?;
    // What the task knows of the webhook, it keeps for some seconds.
    sleep(Duration::from_secs(15)).await;
    let event = counter.each(&idle, incoming(&driver, rig, true)).await?.less(&received, 1.0);

    let hour = idle.times(HOUR);
    let (task, rest) = (hour.of(|part, _| part == "session"), hour.of(|part, _| part != "session"));
    println!("\nWhat Carteiro costs, over {EACH} of each, one after the other ({})", rig::machine());
    for (calls, title, sum) in [
        (&text, "A text", "each text"),
        (&media, "A picture, fetched from an address", "each picture"),
        (&received, "A text that comes", "each text that comes"),
        (&event, "Its event, delivered to a webhook", "each event"),
        (&task, "A session task that has one number and nothing to do, by the hour", "an hour"),
        (&rest, "Everything else with nothing to do, by the hour", "an hour"),
    ] {
        calls.print(title, sum);
    }
    if std::env::args().any(|argument| argument == "--write") {
        let today = jiff::Zoned::now().date().to_string();
        let counts = json!({
            "measured": today,
            "source": format!("cargo bench -p carteiro-local --bench cost, {EACH} of each, one after the other"),
            "kinds": {
                "text": text.rows(), "media": media.rows(), "received": received.rows(), "event": event.rows(),
            },
            "task_hour": task.rows(),
            "idle_hour": rest.rows(),
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cost/counts.json");
        std::fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&counts)?))?;
        println!("\nwritten to {}", path.canonicalize()?.display());
    }
    Ok(())
}

struct Counter {
    logs: std::path::PathBuf,
}

impl Counter {
    fn now(&self) -> Result<Counted> {
        Counted::now(&self.logs)
    }

    /// What each of [`EACH`] calls beside what goes on by the second.
    async fn each(&self, idle: &Calls, work: impl Future<Output = Result<()>>) -> Result<Calls> {
        let before = self.now()?;
        work.await?;
        // What follows, such as the last acknowledgements of the queues, belongs to them too.
        sleep(Duration::from_secs(3)).await;
        let (calls, seconds) = self.now()?.since(&before);
        let calls = calls.of(|_, operation| !operation.starts_with("SecretsManager"));
        Ok(calls.less(idle, seconds).times(1.0 / EACH as f64))
    }
}

/// Texts, each of which has arrived before the next one goes.
async fn texts(driver: &Driver) -> Result<()> {
    let mut seen = driver.received(CONTACT, 2, 0).await?;
    for nth in 0..EACH {
        driver.send(NUMBER, CONTACT, &format!("texto {nth}")).await?;
        seen = driver.received(CONTACT, 1, seen).await?;
    }
    Ok(())
}

/// The same with a picture.
async fn pictures(driver: &Driver, url: &str) -> Result<()> {
    let mut seen = driver.received(CONTACT, 2 + EACH, 0).await?;
    for _ in 0..EACH {
        driver.send_image(NUMBER, CONTACT, url).await?;
        seen = driver.received(CONTACT, 1, seen).await?;
    }
    Ok(())
}

/// Texts that come; with their events, each is delivered before the next one is written.
async fn incoming(driver: &Driver, rig: &Rig, events: bool) -> Result<()> {
    let receiver = rig.system.receiver().ok_or("no receiver")?;
    for nth in 0..EACH {
        driver.write(CONTACT, NUMBER, &format!("resposta {nth}")).await?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while events && receiver.received_at(HOOK).len() <= nth {
            if Instant::now() > deadline {
                return Err(format!("{nth} events were delivered, and no more").into());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}
