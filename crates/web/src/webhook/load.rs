//! What somebody who is told of something has of the places: so many, or one as long as they are slow, so that they cost the others nothing.

/// Attempts on their way to one who is told.
#[derive(Debug, Default)]
pub struct Load {
    running: usize,
    is_slow: bool,
}

impl Load {
    /// Places that are left, of `most`.
    pub fn free(&self, most: usize) -> usize {
        let most = if self.is_slow { 1 } else { most };
        most.saturating_sub(self.running)
    }

    /// An attempt begins.
    pub fn begin(&mut self) {
        self.running += 1;
    }

    /// An attempt is over; and whether they were slow, where that was seen.
    pub fn end(&mut self, was_slow: Option<bool>) {
        self.running = self.running.saturating_sub(1);
        self.is_slow = was_slow.unwrap_or(self.is_slow);
    }

    /// Whether nothing has to be remembered of it.
    pub fn is_over(&self) -> bool {
        self.running == 0 && !self.is_slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_slow_has_one_place_until_they_are_not() {
        let mut load = Load::default();
        assert_eq!(load.free(3), 3);
        load.begin();
        load.begin();
        assert_eq!((load.free(3), load.is_over()), (1, false));
        load.end(Some(true));
        assert_eq!(load.free(3), 0);
        load.end(None);
        assert_eq!((load.free(3), load.is_over()), (1, false));
        load.begin();
        assert_eq!(load.free(3), 0);
        load.end(Some(false));
        assert_eq!((load.free(3), load.is_over()), (3, true));
    }
}
