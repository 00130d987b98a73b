//! What each thing costs where, since when that is known, and from whom.

use crate::CostError;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A step of a price that falls with the quantity.
#[derive(Debug, Clone, Deserialize)]
pub struct Tier {
    /// Up to which quantity of the month; without end where nothing is said.
    pub up_to: Option<f64>,
    /// US dollars for [`Price::per`] units.
    pub usd: f64,
}

/// A price in one region.
#[derive(Debug, Clone, Deserialize)]
pub struct Rate {
    /// The steps, in order.
    pub tiers: Vec<Tier>,
    /// Where it was read; empty where it was not.
    #[serde(default)]
    pub source: String,
    /// As of when that source tells it.
    #[serde(default)]
    pub dated: String,
    /// Whether nobody has compared it with what AWS publishes.
    #[serde(default)]
    pub unconfirmed: bool,
}

/// One thing that AWS bills.
#[derive(Debug, Clone, Deserialize)]
pub struct Price {
    /// The service, as the bill names it.
    pub service: String,
    /// What is counted.
    pub unit: String,
    /// How many of it the dollars are for.
    pub per: f64,
    /// How many of it are given away each month, for ever.
    #[serde(default)]
    pub free: f64,
    /// By region.
    pub regions: BTreeMap<String, Rate>,
}

impl Price {
    /// Dollars for a quantity.
    pub fn cost(&self, rate: &Rate, quantity: f64, free_tier: bool) -> f64 {
        let billed = if free_tier { (quantity - self.free).max(0.0) } else { quantity };
        let (mut from, mut usd) = (0.0, 0.0);
        for tier in &rate.tiers {
            let to = tier.up_to.unwrap_or(f64::INFINITY).min(billed);
            if to > from {
                usd += (to - from) / self.per * tier.usd;
                from = to;
            }
        }
        usd
    }
}

/// All prices.
#[derive(Debug, Deserialize)]
pub struct Prices {
    /// The day on which they were looked up.
    pub read: String,
    prices: BTreeMap<String, Price>,
}

impl Prices {
    /// Reads `prices.json`.
    ///
    /// # Errors
    /// JSON of another shape.
    pub fn parse(json: &str) -> Result<Self, CostError> {
        serde_json::from_str(json).map_err(|error| CostError::File { file: "prices.json", error })
    }

    /// The regions that there are prices for.
    pub fn regions(&self) -> BTreeSet<&str> {
        self.prices.values().flat_map(|price| price.regions.keys().map(String::as_str)).collect()
    }

    /// A price in a region.
    ///
    /// # Errors
    /// It is not there.
    pub fn of(&self, name: &str, region: &str) -> Result<(&Price, &Rate), CostError> {
        let price = self.prices.get(name).ok_or_else(|| CostError::NoPrice(name.to_owned()))?;
        let rate = price.regions.get(region).ok_or_else(|| CostError::NoRegion {
            region: region.to_owned(),
            known: self.regions().into_iter().collect::<Vec<_>>().join(" and "),
        })?;
        Ok((price, rate))
    }

    /// Every price, by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Price)> {
        self.prices.iter().map(|(name, price)| (name.as_str(), price))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price() -> Price {
        serde_json::from_str(
            r#"{"service": "X", "unit": "request", "per": 1000000, "free": 1000000, "regions": {"r": {"tiers":
                [{"up_to": 300000000, "usd": 1.0}, {"usd": 0.9}]}}}"#,
        )
        .unwrap()
    }

    fn cost(quantity: f64, free_tier: bool) -> f64 {
        let price = price();
        price.cost(&price.regions["r"], quantity, free_tier)
    }

    #[test]
    fn each_tier_costs_its_own_price() {
        assert_eq!(cost(0.0, false), 0.0);
        assert!((cost(1_500_000.0, false) - 1.5).abs() < 1e-9);
        assert!((cost(300e6, false) - 300.0).abs() < 1e-9);
        assert!((cost(400e6, false) - 390.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_given_away_is_subtracted_only_when_asked() {
        assert_eq!(cost(900_000.0, true), 0.0);
        assert!((cost(1_500_000.0, true) - 0.5).abs() < 1e-9);
        assert!((cost(900_000.0, false) - 0.9).abs() < 1e-9);
    }

    #[test]
    fn every_price_of_the_file_is_whole() {
        let prices = Prices::parse(include_str!("../prices.json")).unwrap();
        assert_eq!(prices.regions().into_iter().collect::<Vec<_>>(), ["sa-east-1", "us-east-1"]);
        for (name, price) in prices.all() {
            assert!(price.per > 0.0, "{name}");
            for region in ["sa-east-1", "us-east-1"] {
                let (_, rate) = prices.of(name, region).unwrap();
                let last = rate.tiers.last().unwrap();
                assert!(last.up_to.is_none() && rate.tiers.iter().all(|tier| tier.usd > 0.0), "{name}");
                let told = rate.source.contains("https://") && !rate.dated.is_empty();
                assert!(told || rate.unconfirmed, "{name} in {region}: from where, or unconfirmed");
            }
        }
    }
}
