//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The only port that is asked.
const HTTPS: u16 = 443;

/// An address that was judged and may be connected to. A socket is opened to nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed(SocketAddr);

impl Allowed {
    /// Judges an address: `None` unless it is a public one of the Internet.
    pub(crate) fn judge(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        let public = match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => is_public_v6(address),
        };
        public.then(|| Self(SocketAddr::new(address, HTTPS)))
    }

    /// A server of this machine that stands for a host of a trial.
    #[cfg(feature = "simulator")]
    pub(crate) fn origin(address: SocketAddr) -> Option<Self> {
        address.ip().is_loopback().then_some(Self(address))
    }

    /// The address, with its port.
    pub(crate) fn address(self) -> SocketAddr {
        self.0
    }
}

/// What is not of the public Internet, after IANA's IPv4 Special-Purpose Address Registry, with multicast (RFC 5771).
const REFUSED_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared by carriers (CGNAT)
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16), // link-local: 169.254.169.254 and 169.254.170.2 give AWS credentials
    (Ipv4Addr::new(172, 16, 0, 0), 12),  // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),   // IETF protocols
    (Ipv4Addr::new(192, 0, 2, 0), 24),   // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24), // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16), // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),  // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24), // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),    // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),    // reserved, and broadcast
];

/// The one part of IPv6 that is global unicast (IANA's IPv6 Address Space). It leaves out `::/96` (IPv4-compatible),
/// `64:ff9b:1::/48` (NAT64 of one's own), `fc00::/7` (with fd00:ec2::254, which gives AWS credentials), `fe80::/10` and
/// `ff00::/8`.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is refused of it, after IANA's IPv6 Special-Purpose Address Registry. Nobody serves files from a tunnel, and an
/// address of one carries an IPv4 address that its relay sends to.
const REFUSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocols: Teredo, benchmarking, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// NAT64's well-known prefix (RFC 6052): what stands behind it is the IPv4 address in the last 32 bits, so that is judged. It is
/// how a machine with IPv6 only reaches the rest of the Internet.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

fn is_public_v4(address: Ipv4Addr) -> bool {
    !REFUSED_V4.iter().any(|(network, bits)| (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let within =
        |(network, bits): (Ipv6Addr, u32)| (address.to_bits() ^ network.to_bits()) >> (128 - bits) == 0;
    if within(NAT64) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    within(GLOBAL_UNICAST) && !REFUSED_V6.into_iter().any(within)
}
