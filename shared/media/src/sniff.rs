//! What a file is, by its bytes. Its name and what a server said of it are not asked, but for documents whose bytes say
//! nothing.

use crate::guarded::guarded;
use carteiro_core::media::{FileName, mime_of};
use file_format::FileFormat;
use image::ImageFormat;
use std::fs::File;
use std::io::{self, BufReader, Seek};

/// Reads what a file is, and leaves it at its beginning.
///
/// # Errors
/// Those of reading.
pub(crate) fn sniff(mut file: &File) -> io::Result<FileFormat> {
    file.rewind()?;
    let format = guarded(|| FileFormat::from_reader(BufReader::new(file)));
    file.rewind()?;
    format.unwrap_or(Ok(FileFormat::ArbitraryBinaryData))
}

/// The pictures that are sent as such.
pub(crate) fn picture(format: FileFormat) -> Option<ImageFormat> {
    match format {
        FileFormat::JointPhotographicExpertsGroup => Some(ImageFormat::Jpeg),
        FileFormat::PortableNetworkGraphics | FileFormat::AnimatedPortableNetworkGraphics => {
            Some(ImageFormat::Png)
        }
        FileFormat::Webp => Some(ImageFormat::WebP),
        FileFormat::GraphicsInterchangeFormat => Some(ImageFormat::Gif),
        _ => None,
    }
}

/// How a sound is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Ogg with Opus.
    Opus,
    /// Ogg with Vorbis.
    Vorbis,
    /// M4A and its like, which hold films too.
    Mp4,
    /// MP3, WAV, AAC, FLAC: whichever the library finds.
    Other,
}

/// The sounds that become voice notes. AMR is none of them: no maintained library reads it.
pub(crate) fn sound(format: FileFormat) -> Option<Sound> {
    match format {
        FileFormat::OggOpus => Some(Sound::Opus),
        FileFormat::OggVorbis => Some(Sound::Vorbis),
        FileFormat::AppleItunesAudio
        | FileFormat::AppleItunesAudiobook
        | FileFormat::Mpeg4Part14
        | FileFormat::ThirdGenerationPartnershipProject => Some(Sound::Mp4),
        FileFormat::Mpeg12AudioLayer3
        | FileFormat::Id3v2
        | FileFormat::WaveformAudio
        | FileFormat::AdvancedAudioCoding
        | FileFormat::FreeLosslessAudioCodec => Some(Sound::Other),
        _ => None,
    }
}

/// The films that are sent as such, by their media type. Whether there is a picture in them is for who reads the container.
pub(crate) fn film(format: FileFormat) -> Option<&'static str> {
    match format {
        FileFormat::Mpeg4Part14 | FileFormat::AppleItunesVideo => Some("video/mp4"),
        FileFormat::ThirdGenerationPartnershipProject => Some("video/3gpp"),
        _ => None,
    }
}

/// The media type of a document: by its bytes, else, where they say nothing or only that it is text or an old container of
/// Microsoft's, by the extension of its name, as far as the two agree.
pub(crate) fn document(format: FileFormat, name: Option<&FileName>) -> String {
    let claimed = name.and_then(FileName::extension).and_then(|extension| mime_of(&extension));
    let agrees: fn(&str) -> bool = match format {
        FileFormat::ArbitraryBinaryData => |_| true,
        FileFormat::PlainText => |mime| {
            mime.starts_with("text/")
                || matches!(mime, "application/json" | "application/xml" | "message/rfc822" | "image/svg+xml")
        },
        FileFormat::CompoundFileBinary => |mime| {
            matches!(
                mime,
                "application/msword"
                    | "application/vnd.ms-excel"
                    | "application/vnd.ms-powerpoint"
                    | "application/vnd.ms-outlook"
            )
        },
        FileFormat::Id3v2 => return "audio/mpeg".to_owned(),
        FileFormat::WaveformAudio => return "audio/wav".to_owned(),
        _ => |_| false,
    };
    claimed.filter(|mime| agrees(mime)).unwrap_or(format.media_type()).to_owned()
}
