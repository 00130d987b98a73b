//! The rule of addresses.

use crate::address::Allowed;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn allowed(address: impl Into<IpAddr>) -> bool {
    Allowed::judge(address.into()).is_some()
}

#[test]
fn what_is_not_of_the_public_internet_is_refused() {
    for refused in [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::808:808",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b:1:ffff::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff:ffff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ] {
        assert!(!allowed(refused.parse::<IpAddr>().unwrap()), "{refused}");
    }
}

#[test]
fn the_neighbours_of_what_is_refused_are_public() {
    for public in [
        "1.0.0.0",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2000::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db7:ffff::1",
        "2001:db9::1",
        "2003::1",
        "2600:1f18::1",
        "2804:14d::1",
        "3ffe:ffff::1",
        "3fff:1000::1",
    ] {
        assert!(allowed(public.parse::<IpAddr>().unwrap()), "{public}");
    }
}

#[test]
fn a_mapped_address_is_connected_to_as_what_it_is() {
    let mapped = Allowed::judge("::ffff:8.8.8.8".parse().unwrap()).unwrap();
    assert_eq!(mapped.address().to_string(), "8.8.8.8:443");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// The standard library knows some of the ranges by itself.
    #[test]
    fn nothing_that_the_standard_library_calls_special_is_allowed(bits in any::<u32>()) {
        let v4 = Ipv4Addr::from_bits(bits);
        if allowed(v4) {
            prop_assert!(!v4.is_private() && !v4.is_loopback() && !v4.is_link_local() && !v4.is_multicast());
            prop_assert!(!v4.is_broadcast() && !v4.is_documentation() && !v4.is_unspecified());
        }
    }

    #[test]
    fn nothing_that_the_standard_library_calls_special_is_allowed_of_ipv6(bits in any::<u128>(), top in any::<u16>()) {
        for v6 in [Ipv6Addr::from_bits(bits), Ipv6Addr::from_bits(bits >> 16 | u128::from(top) << 112)] {
            if allowed(v6) {
                prop_assert!(!v6.is_loopback() && !v6.is_unicast_link_local() && !v6.is_multicast());
                prop_assert!(!v6.is_unique_local() && !v6.is_unspecified());
                prop_assert!(v6.segments()[0] >> 13 == 1);
            }
        }
    }

    /// However an IPv4 address is dressed as an IPv6 one, it never gets more than it has.
    #[test]
    fn no_form_of_a_refused_address_is_allowed(v4 in refused_v4(), low in any::<u64>()) {
        prop_assert!(!allowed(v4));
        let bits = u128::from(v4.to_bits());
        let low = u128::from(low);
        for (form, address) in [
            ("mapped", 0xffff << 32 | bits),
            ("compatible", bits),
            ("NAT64", 0x64_ff9b << 96 | bits),
            ("NAT64 of one's own", 0x0064_ff9b_0001 << 80 | bits),
            ("NAT64 of one's own, /48", 0x0064_ff9b_0001 << 80 | (bits >> 16) << 64 | (bits & 0xffff) << 40),
            ("6to4", 0x2002 << 112 | bits << 80 | low),
            ("Teredo server", 0x2001_0000 << 96 | bits << 64 | low),
            ("Teredo client", 0x2001_0000 << 96 | low << 32 | (bits ^ 0xffff_ffff)),
            ("translated (SIIT)", 0xffff << 48 | bits),
        ] {
            prop_assert!(!allowed(Ipv6Addr::from_bits(address)), "{form} {v4} {}", Ipv6Addr::from_bits(address));
        }
    }

    #[test]
    fn nat64_allows_exactly_what_is_allowed_of_ipv4(bits in any::<u32>()) {
        let nat64 = Ipv6Addr::from_bits(0x64_ff9b << 96 | u128::from(bits));
        prop_assert_eq!(allowed(nat64), allowed(Ipv4Addr::from_bits(bits)));
    }
}

fn refused_v4() -> impl Strategy<Value = Ipv4Addr> {
    let range = |first: [u8; 4], bits: u32| {
        let first = u32::from_be_bytes(first);
        (0..=(u32::MAX >> bits)).prop_map(move |offset| Ipv4Addr::from_bits(first + offset))
    };
    prop_oneof![
        range([0, 0, 0, 0], 8),
        range([10, 0, 0, 0], 8),
        range([100, 64, 0, 0], 10),
        range([127, 0, 0, 0], 8),
        range([169, 254, 0, 0], 16),
        range([172, 16, 0, 0], 12),
        range([192, 168, 0, 0], 16),
        range([198, 18, 0, 0], 15),
        range([224, 0, 0, 0], 4),
        range([240, 0, 0, 0], 4),
    ]
}
