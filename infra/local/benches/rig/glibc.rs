//! What a binary asks of the C library.

/// The minor version of glibc 2 that Amazon Linux 2023 has, which `provided.al2023` is made of:
/// <https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html>.
pub(crate) const AL2023: u32 = 34;

/// The newest minor version of glibc 2 that a binary asks for; 0 where it asks for none. In a binary the versions stand by name, each
/// ended by a zero byte.
pub(crate) fn newest(binary: &[u8]) -> u32 {
    const NAME: &[u8] = b"GLIBC_2.";
    let versions = binary.windows(NAME.len()).enumerate().filter(|(_, bytes)| *bytes == NAME);
    let minor = |(place, _): (usize, &[u8])| {
        let digits = binary.get(place + NAME.len()..)?;
        let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
        std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
    };
    versions.filter_map(minor).max().unwrap_or(0)
}
