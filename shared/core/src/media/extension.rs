//! Which extension files of a media type have, and the other way round.

/// The pairs that people send, as IANA registers them. Where a media type stands twice, the first extension is the usual
/// one; where an extension does, the first media type is.
const PAIRS: [(&str, &str); 51] = [
    ("application/pdf", "pdf"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
    ("application/vnd.ms-outlook", "msg"),
    ("application/rtf", "rtf"),
    ("application/epub+zip", "epub"),
    ("application/zip", "zip"),
    ("application/vnd.rar", "rar"),
    ("application/x-7z-compressed", "7z"),
    ("application/gzip", "gz"),
    ("application/x-tar", "tar"),
    ("application/json", "json"),
    ("application/xml", "xml"),
    ("application/x-pkcs12", "pfx"),
    ("application/x-pkcs12", "p12"),
    ("application/vnd.android.package-archive", "apk"),
    ("application/vnd.microsoft.portable-executable", "exe"),
    ("text/plain", "txt"),
    ("text/plain", "log"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/html", "htm"),
    ("text/markdown", "md"),
    ("text/calendar", "ics"),
    ("text/vcard", "vcf"),
    ("message/rfc822", "eml"),
    ("image/jpeg", "jpg"),
    ("image/jpeg", "jpeg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("image/svg+xml", "svg"),
    ("image/heic", "heic"),
    ("image/tiff", "tiff"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("audio/wav", "wav"),
    ("audio/mp4", "m4a"),
    ("audio/aac", "aac"),
    ("audio/flac", "flac"),
    ("audio/amr", "amr"),
    ("video/mp4", "mp4"),
    ("video/3gpp", "3gp"),
    ("video/quicktime", "mov"),
];

/// The usual extension of a media type, without its dot; parameters such as `; codecs=opus` are passed over. `None` where it
/// is not one that people send.
pub fn extension_of(mime: &str) -> Option<&'static str> {
    let mime = mime.split(';').next()?.trim();
    PAIRS.iter().find(|(known, _)| known.eq_ignore_ascii_case(mime)).map(|(_, extension)| *extension)
}

/// The media type that an extension stands for. `None` where it is not one that people send.
pub fn mime_of(extension: &str) -> Option<&'static str> {
    PAIRS.iter().find(|(_, known)| known.eq_ignore_ascii_case(extension)).map(|(mime, _)| *mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_found_from_both_ends() {
        for (mime, extension) in PAIRS {
            assert_eq!(mime_of(extension), Some(mime));
            assert!(extension_of(mime).is_some_and(|usual| mime_of(usual) == Some(mime)));
        }
        assert_eq!(extension_of("audio/ogg; codecs=opus"), Some("ogg"));
        assert_eq!(mime_of("PDF"), Some("application/pdf"));
        assert_eq!((extension_of("application/octet-stream"), mime_of("xyz")), (None, None));
    }
}
