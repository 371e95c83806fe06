//! What the API server makes up: name suffixes, uids, ports.

/// Seeded randomness: the same seed gives the same names.
#[derive(Clone, Debug)]
pub struct Random(fastrand::Rng);

/// The alphabet of generated names: no vowels, and nothing that looks like something else.
/// Models apimachinery/pkg/util/rand.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Models apiserver/pkg/storage/names: `maxNameLength - randomLength`.
const MAX_GENERATED_BASE: usize = 63 - SUFFIX_LENGTH;
const SUFFIX_LENGTH: usize = 5;

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(fastrand::Rng::with_seed(seed))
    }

    /// A source of its own for a part of the cluster, so that one part's use does not shift another's.
    pub fn fork(&mut self) -> Random {
        Random(self.0.fork())
    }

    /// A number from 0 up to, not including, `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.u64(0..bound) }
    }

    /// A fraction from 0 up to, not including, 1.
    pub fn fraction(&mut self) -> f64 {
        self.0.f64()
    }

    /// `length` characters of the alphabet of generated names.
    pub fn suffix(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(ALPHABET[self.0.usize(0..ALPHABET.len())])).collect()
    }

    /// The base with a random suffix. Models SimpleNameGenerator.
    pub fn name(&mut self, base: &str) -> String {
        let cut = base
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|end| *end <= MAX_GENERATED_BASE)
            .last();
        format!("{}{}", &base[..cut.unwrap_or(0)], self.suffix(SUFFIX_LENGTH))
    }

    /// A uid in the form of a random UUID.
    pub fn uid(&mut self) -> String {
        let (high, low) = (self.0.u64(..), self.0.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }
}
