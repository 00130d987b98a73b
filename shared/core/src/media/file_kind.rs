//! The media types that are files.

use super::MediaType;

/// A media type that carries a file: each but [`MediaType::Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture.
    Image,
    /// A voice note.
    Audio,
    /// Any file.
    Document,
    /// A film.
    Video,
}

impl FileKind {
    /// All of them.
    pub const ALL: [FileKind; 4] = [FileKind::Image, FileKind::Audio, FileKind::Document, FileKind::Video];

    /// The file kind of a media type; `None` for a text.
    pub fn of(media: MediaType) -> Option<Self> {
        match media {
            MediaType::Text => None,
            MediaType::Image => Some(FileKind::Image),
            MediaType::Audio => Some(FileKind::Audio),
            MediaType::Document => Some(FileKind::Document),
            MediaType::Video => Some(FileKind::Video),
        }
    }

    /// As a media type.
    pub fn media_type(self) -> MediaType {
        match self {
            FileKind::Image => MediaType::Image,
            FileKind::Audio => MediaType::Audio,
            FileKind::Document => MediaType::Document,
            FileKind::Video => MediaType::Video,
        }
    }

    /// The largest file of this kind, in bytes: WhatsApp's limits (16 MB for images and audio, 64 MB for video, 100 MB for
    /// documents).
    pub fn max_bytes(self) -> u64 {
        const MB: u64 = 1024 * 1024;
        match self {
            FileKind::Image | FileKind::Audio => 16 * MB,
            FileKind::Video => 64 * MB,
            FileKind::Document => 100 * MB,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_media_type() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::of(kind.media_type()), Some(kind));
        }
        assert_eq!(FileKind::of(MediaType::Text), None);
    }
}
