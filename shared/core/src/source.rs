//! Where a request came from.

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};

/// Where a request came from, as callers without a credential are counted: an IPv4 address, or the first 64 bits of an IPv6
/// one, which is the least that a network gives to one household (RFC 6177), so that nobody is new at each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The address.
    Address(IpAddr),
    /// It is not known. All such requests count together.
    Unknown,
}

impl Source {
    /// Reads an address as a gateway tells it.
    pub fn parse(text: &str) -> Self {
        match text.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V6(address)) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                Self::Address(IpAddr::V6(Ipv6Addr::from_bits(network)))
            }
            Ok(address) => Self::Address(address),
            Err(_) => Self::Unknown,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_counts_by_its_network_and_mapped_ipv4_as_ipv4() {
        for (given, counted) in [
            ("203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7 ", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
            ("2001:db8:1:3::", "2001:db8:1:3::"),
            ("::1", "::"),
            ("", "unknown"),
            ("203.0.113.7, 10.0.0.1", "unknown"),
            ("a#b", "unknown"),
        ] {
            assert_eq!(Source::parse(given).to_string(), counted);
        }
    }
}
