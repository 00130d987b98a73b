//! What a deployment costs a month, by service: the calls that the benchmark counted, what the templates declare, and a few
//! assumptions, at prices that stand with their dates and sources in `prices.json`.

mod assumptions;
mod bill;
mod counts;
mod declared;
mod error;
mod page;
mod prices;
mod usage;
mod workload;

pub use assumptions::Assumptions;
pub use bill::{Bill, Line};
pub use counts::{Call, Counts};
pub use declared::Declared;
pub use error::CostError;
pub use page::page;
pub use prices::{Price, Prices, Rate, Tier};
pub use usage::{Usage, usage};
pub use workload::Workload;

/// Hours in a month, as AWS reckons it: 365 × 24 ÷ 12.
pub const HOURS: f64 = 730.0;

/// Everything that a bill is made of.
#[derive(Debug)]
pub struct Model {
    /// What each thing costs.
    pub prices: Prices,
    /// What a send was counted to take.
    pub counts: Counts,
    /// What was not counted.
    pub assumptions: Assumptions,
    /// What stands in the templates.
    pub declared: Declared,
}

impl Model {
    /// The files of this crate and the templates of this version, as they were when it was built.
    ///
    /// # Errors
    /// A file that is not what it should be.
    pub fn built_in() -> Result<Self, CostError> {
        Ok(Self {
            prices: Prices::parse(include_str!("../prices.json"))?,
            counts: Counts::parse(include_str!("../counts.json"))?,
            assumptions: Assumptions::parse(include_str!("../assumptions.json"))?,
            declared: Declared::read(
                include_str!("../../../template.yaml"),
                &[
                    include_str!("../../alarms.yaml"),
                    include_str!("../../dashboard.yaml"),
                    include_str!("../../queues.yaml"),
                    include_str!("../../secrets.yaml"),
                    include_str!("../../session.yaml"),
                ],
            )?,
        })
    }

    /// The bill of a month.
    ///
    /// # Errors
    /// A region without prices, or something used that has no price or no assumption.
    pub fn bill(&self, workload: &Workload) -> Result<Bill, CostError> {
        let usage = usage(workload, &self.counts, &self.assumptions, &self.declared)?;
        Bill::of(&usage, &self.prices, &workload.region, workload.free_tier)
    }
}
