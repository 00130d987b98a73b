//! The page `docs/explanation/cost.md`.

use crate::{Bill, CostError, Model, Workload};
use std::fmt::Write;

/// The regions that the page compares.
const REGIONS: [&str; 2] = ["us-east-1", "sa-east-1"];

/// The page, as it must stand in the repository.
///
/// # Errors
/// As [`Model::bill`].
pub fn page(model: &Model) -> Result<String, CostError> {
    let mut text = format!(
        "# What it costs\n\n\
         <!-- Generated: `UPDATE_DOCS=1 cargo test -p carteiro-cost` writes this page anew. -->\n\n\
         A month's bill in US dollars, by service, as the calculator reckons it:\n\n\
         ```sh tested=infra/cost/tests/command.rs\n\
         cargo run -p carteiro-cost -- --sends 100000 --media-share 0.2 --numbers 50 --region sa-east-1\n\
         cargo run -p carteiro-cost -- --help\n\
         ```\n\n\
         Three things go into it. **Counted**: AWS calls and DynamoDB units ({}), by `cargo bench -p carteiro-local --bench cost`\n\
         ([counts.json](../../infra/cost/counts.json), of {}). **Declared**: what the templates have, such as queues, alarms and the\n\
         size of the session task. **Assumed**: what was neither counted nor declared, such as how long Lambda bills a request\n\
         ([assumptions.json](../../infra/cost/assumptions.json), each with its reason; below). Prices stand with their sources and\n\
         dates in [prices.json](../../infra/cost/prices.json), looked up on {}. AWS's free tier is left out unless `--free-tier` is given.\n\n",
        model.counts.kinds().join(", "),
        model.counts.measured,
        model.prices.read
    );
    let of = |sends: f64, media_share: f64, numbers: f64, events: f64, region: &str| {
        model.bill(&Workload {
            sends,
            media_share,
            numbers,
            events_per_send: events,
            region: region.to_owned(),
            ..Workload::default()
        })
    };
    let cases = [
        ("Nothing is sent", 0.0, 0.0, 1.0, 0.0),
        ("100,000 sends", 100_000.0, 0.2, 50.0, 3.0),
        ("10 million sends", 10_000_000.0, 0.2, 1200.0, 3.0),
    ];
    text += "## Three deployments\n\n\
             One in five sends carries a file of 0.5 MB, each is told to a webhook three times (sent, received, read), and it is the first\n\
             month. The first has one number and one session task, the second 50 numbers and one task, the third 1,200 numbers and two.\n\n\
             | | us-east-1 | sa-east-1 |\n|---|---|---|\n";
    for (name, sends, media, numbers, events) in cases {
        let usd = |region| of(sends, media, numbers, events, region).map(|bill| bill.total());
        let _ = writeln!(text, "| {name} | {:.2} | {:.2} |", usd("us-east-1")?, usd("sa-east-1")?);
    }
    let _ = writeln!(
        text,
        "\nA `?` marks a price that no source was found for: {}. Compare them before you rely on a sum.",
        unconfirmed(model)?
    );
    for (name, sends, media, numbers, events) in cases {
        let _ = write!(text, "\n### {name}\n");
        for region in REGIONS {
            let bill: Bill = of(sends, media, numbers, events, region)?;
            let _ = write!(text, "\n{region}:\n\n```text\n{bill}```\n");
        }
    }
    text += "\n## What decides\n\n\
             - **Standing still** costs the session task, its address, the metrics and alarms, and looking into empty queues. A second task\n\
             (`SessionTasks`) adds its processor, memory and address. Container Insights alone is some nine dollars of metrics. The alarms are\n\
             all that the template has: that of SMS too, which is there only with `SmsBudget`. Not in these bills is the NAT gateway of\n\
             `PrivateSubnets` with `CreateVpc`: 32.85 a month in us-east-1 and 67.89 in sa-east-1, and 0.045 and 0.093 for each GB that passes\n\
             through it ([a source](https://costpatrol.io/blog/reduce-aws-nat-gateway-costs)). It has one address, in the place of the tasks'.\n\
             - **Each send** costs DynamoDB writes above all: the send and its three indices, each of its statuses, and the keys of the\n\
             connection, which must be stored before a message goes out.\n\
             - **Files** cost what leaves AWS: they go from the task to WhatsApp's servers.\n\
             - **Age** costs storage. Sends and messages are kept for as long as the tenant's plan says (`retention_days`, 400 unless it says\n\
             otherwise): `--months 12` shows it.\n\n\
             ## Assumed\n\n| | value | why |\n|---|---|---|\n";
    for (name, value, why) in model.assumptions.all() {
        let _ = writeln!(text, "| `{name}` | {value} | {why} |");
    }
    text += "\n## Prices\n\n| service | unit | us-east-1 | sa-east-1 |\n|---|---|---|---|\n";
    for (name, price) in model.prices.all() {
        let mut row = format!("| {} | {} | ", price.service, per(price.per, &price.unit));
        for (at, region) in REGIONS.into_iter().enumerate() {
            let (_, rate) = model.prices.of(name, region)?;
            let steps: Vec<String> = rate.tiers.iter().map(|tier| tier.usd.to_string()).collect();
            let mark = if rate.unconfirmed { " ?" } else { "" };
            let _ = write!(row, "{}{}{mark}", if at > 0 { " | " } else { "" }, steps.join(", then "));
        }
        let _ = writeln!(text, "{row} |");
    }
    Ok(text)
}

/// How many prices of each region are unconfirmed.
fn unconfirmed(model: &Model) -> Result<String, CostError> {
    let mut told = Vec::new();
    for region in REGIONS {
        let rates = model.prices.all().map(|(name, _)| model.prices.of(name, region).map(|(_, rate)| rate));
        let rates = rates.collect::<Result<Vec<_>, _>>()?;
        let count = rates.iter().filter(|rate| rate.unconfirmed).count();
        told.push(format!("{count} of the {} of {region}", rates.len()));
    }
    Ok(told.join(", "))
}

fn per(count: f64, unit: &str) -> String {
    match count {
        1.0 => unit.to_owned(),
        1_000_000.0 => format!("million {unit}"),
        _ => format!("{count} {unit}"),
    }
}
