//! The file name in a `Content-Disposition` (RFC 6266).

use carteiro_core::media::FileName;
use percent_encoding::percent_decode_str;

/// The file name in the header's value: `filename*` before `filename`, made safe. Bytes that are not UTF-8 are read as Latin-1.
pub(crate) fn file_name(value: &[u8]) -> Option<FileName> {
    let value = text(value);
    let parameters = parameters(&value);
    let of = |name: &str| parameters.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    let extended = of("filename*").and_then(|(_, value)| extended(value));
    extended
        .and_then(|name| FileName::sanitised(&name))
        .or_else(|| of("filename").and_then(|(_, name)| FileName::sanitised(name)))
}

/// `UTF-8'pt'relat%C3%B3rio.pdf` (RFC 8187).
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    let bytes: Vec<u8> = percent_decode_str(encoded).collect();
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(latin_1(&bytes)),
        _ => None,
    }
}

/// The parameters after the disposition's kind: names with their values, without quotation marks and escapes.
fn parameters(value: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = value.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        // A parameter without a value may stand before this one.
        let name = name.rsplit(';').next().unwrap_or(name).trim();
        let (value, after) = one_value(after.trim_start());
        found.push((name, value));
        rest = after.split_once(';').map_or("", |(_, rest)| rest);
    }
    found
}

/// A token or a quoted string at the start of `text`, and what follows it.
fn one_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (token, rest) = text.split_at(end);
        return (token.trim_end().to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => value.push(c),
        }
    }
    (value, "")
}

fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| latin_1(bytes), str::to_owned)
}

fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(value: &[u8]) -> Option<String> {
        file_name(value).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn names_are_read_in_each_of_their_forms() {
        for (value, read) in [
            ("attachment; filename=foto.jpg", Some("foto.jpg")),
            ("attachment;filename=\"foto nova.jpg\"", Some("foto nova.jpg")),
            ("inline; size=3; FileName = \"a;b=c.pdf\" ; x=y", Some("a;b=c.pdf")),
            ("attachment; filename=\"a\\\"b\\\\c.pdf\"", Some("c.pdf")),
            (
                "attachment; filename=\"x.pdf\"; filename*=UTF-8''relat%C3%B3rio%20final.pdf",
                Some("relatório final.pdf"),
            ),
            ("attachment; filename*=utf-8'pt-BR'a%27b.pdf; filename=x", Some("a'b.pdf")),
            ("attachment; filename*=ISO-8859-1''caf%E9.pdf", Some("café.pdf")),
            ("attachment; filename*=UTF-8''%ff; filename=\"b.pdf\"", Some("b.pdf")),
            ("attachment; filename*=klingon''x; filename=b.pdf", Some("b.pdf")),
            ("attachment; filename=\"relatório.pdf\"", Some("relatório.pdf")),
            ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd%00", Some("passwd")),
            ("attachment; filename=\"sem fim", Some("sem fim")),
            ("attachment; novalue; filename=a.pdf", Some("a.pdf")),
            ("attachment; filename=\"\"", None),
            ("attachment", None),
            ("", None),
        ] {
            assert_eq!(name(value.as_bytes()).as_deref(), read, "{value}");
        }
        assert_eq!(name(b"attachment; filename=\"caf\xe9.pdf\"").as_deref(), Some("café.pdf"));
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_harm(value in any::<Vec<u8>>()) {
            if let Some(name) = name(&[b"attachment; filename=", value.as_slice()].concat()) {
                prop_assert!(!name.contains(['/', '\\', '\0', '\n', '"']));
            }
        }

        #[test]
        fn a_quoted_name_reads_back(given in "[a-zà-ü0-9 ;=',()-]{1,40}") {
            let sane = FileName::sanitised(&given).map(|name| name.as_str().to_owned());
            prop_assert_eq!(name(format!("attachment; filename=\"{given}\"").as_bytes()), sane);
        }
    }
}
