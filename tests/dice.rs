//! Numbers that look random and are the same in every run.
#![expect(clippy::arithmetic_side_effects, reason = "no dice have no sides")]

/// Rolls as xorshift does (Marsaglia 2003), from a seed that is not nought.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// A place in a list of so many.
    pub(crate) fn pick(&mut self, of: usize) -> usize {
        usize::try_from(self.roll(u64::try_from(of).unwrap())).unwrap()
    }
}
