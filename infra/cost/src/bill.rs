//! A bill: quantities at their prices.

use crate::{CostError, Prices, Usage};
use std::collections::BTreeMap;
use std::fmt;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The service.
    pub service: String,
    /// What of it, as `prices.json` names it.
    pub name: &'static str,
    /// How much.
    pub quantity: f64,
    /// In what unit.
    pub unit: String,
    /// US dollars.
    pub usd: f64,
    /// Whether the price could not be confirmed.
    pub unconfirmed: bool,
}

/// The bill of a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// Its lines, by service; what is not used is not there.
    pub lines: Vec<Line>,
}

impl Bill {
    pub(crate) fn of(
        usage: &Usage,
        prices: &Prices,
        region: &str,
        free_tier: bool,
    ) -> Result<Self, CostError> {
        let mut lines = Vec::new();
        for (name, quantity) in usage.iter() {
            let (price, rate) = prices.of(name, region)?;
            if quantity > 0.0 {
                lines.push(Line {
                    service: price.service.clone(),
                    name,
                    quantity,
                    unit: price.unit.clone(),
                    usd: price.cost(rate, quantity, free_tier),
                    unconfirmed: rate.unconfirmed,
                });
            }
        }
        lines.sort_by(|a, b| a.service.cmp(&b.service));
        Ok(Self { lines })
    }

    /// US dollars in all.
    pub fn total(&self) -> f64 {
        self.lines.iter().map(|line| line.usd).sum()
    }

    /// How many of them are at prices that could not be confirmed.
    pub fn unconfirmed(&self) -> f64 {
        self.lines.iter().filter(|line| line.unconfirmed).map(|line| line.usd).sum()
    }

    /// US dollars of each service, dearest first.
    pub fn services(&self) -> Vec<(&str, f64)> {
        let mut sums = BTreeMap::<&str, f64>::new();
        for line in &self.lines {
            *sums.entry(&line.service).or_default() += line.usd;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums
    }
}

/// A quantity with thousands apart, and decimals where it is small.
fn quantity(value: f64) -> String {
    if value < 100.0 && value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl fmt::Display for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (service, usd) in self.services() {
            writeln!(f, "{service:<50} {usd:>12.2}")?;
            for line in self.lines.iter().filter(|line| line.service == service) {
                let what = format!("{} {}", quantity(line.quantity), line.unit);
                let mark = if line.unconfirmed { " ?" } else { "" };
                writeln!(f, "  {what:<46} {:>12.2}{mark}", line.usd)?;
            }
        }
        writeln!(f, "{:<50} {:>12.2}", "US dollars a month", self.total())?;
        if self.unconfirmed() > 0.0 {
            let sum = self.unconfirmed();
            writeln!(
                f,
                "? at a price that could not be confirmed: {sum:.2} of it; see infra/cost/prices.json"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, Workload};

    #[test]
    fn quantities_read_well() {
        assert_eq!(
            [0.0, 0.25, 12.0, 999.0, 1000.0, 1_234_567.4].map(quantity),
            ["0", "0.25", "12", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn a_bill_is_the_sum_of_its_services() {
        let model = Model::built_in().unwrap();
        let bill = model.bill(&Workload { sends: 100_000.0, ..Workload::default() }).unwrap();
        let sum: f64 = bill.services().iter().map(|(_, usd)| usd).sum();
        assert!((sum - bill.total()).abs() < 1e-9 && bill.unconfirmed() <= bill.total());
    }

    #[test]
    fn more_costs_more_and_nothing_costs_something() {
        let model = Model::built_in().unwrap();
        let of = |change: fn(&mut Workload)| {
            let mut workload = Workload { sends: 1e6, numbers: 50.0, ..Workload::default() };
            change(&mut workload);
            model.bill(&workload).unwrap().total()
        };
        let base = of(|_| {});
        let idle = model.bill(&Workload::default()).unwrap().total();
        assert!(idle > 10.0 && idle < base, "{idle} {base}");
        for (what, more) in [
            ("files", of(|w| w.media_share = 0.5)),
            ("numbers", of(|w| w.numbers = 5000.0)),
            ("tasks", of(|w| w.tasks = Some(2.0))),
            ("events", of(|w| w.events_per_send = 3.0)),
            ("received", of(|w| w.received = 1e6)),
            ("requests", of(|w| w.requests = 1e6)),
            ("months", of(|w| w.months = 12.0)),
            ("mails", of(|w| w.mails = 1000.0)),
            ("SMS", of(|w| w.texts = 1000.0)),
            ("key", of(|w| w.own_key = true)),
        ] {
            assert!(more > base, "{what}: {more} {base}");
        }
        assert!(of(|w| w.free_tier = true) < base);
        assert!(of(|w| w.tasks = Some(0.0)) < base);
    }

    #[test]
    fn a_send_costs_the_same_however_many_there_are() {
        let model = Model::built_in().unwrap();
        let of = |sends| model.bill(&Workload { sends, ..Workload::default() }).unwrap();
        let units = |bill: &Bill, name: &str| {
            bill.lines.iter().find(|line| line.name == name).map_or(0.0, |line| line.quantity)
        };
        let (none, one, ten) = (of(0.0), of(1e6), of(10e6));
        for name in ["dynamodb-writes", "dynamodb-reads", "sqs-fifo-requests", "lambda-requests"] {
            let (first, then) =
                (units(&one, name) - units(&none, name), units(&ten, name) - units(&none, name));
            assert!((then - 10.0 * first).abs() < 1.0, "{name}");
        }
    }

    #[test]
    fn a_region_without_prices_is_said_to_be_one() {
        let model = Model::built_in().unwrap();
        let error = model.bill(&Workload { region: "eu-west-1".into(), ..Workload::default() }).unwrap_err();
        assert!(error.to_string().contains("sa-east-1 and us-east-1"), "{error}");
    }
}
