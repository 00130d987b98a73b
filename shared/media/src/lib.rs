//! Makes files what WhatsApp wants of them: sniffs types, makes voice notes and thumbnails, encrypts.
