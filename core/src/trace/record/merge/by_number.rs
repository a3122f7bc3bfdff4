//! A list of values by task number, with gaps.

/// A value for each task, by the number with which it was recorded.
#[derive(Debug)]
pub(super) struct ByNumber<T>(Vec<Option<T>>);

impl<T> ByNumber<T> {
    pub(super) fn set(&mut self, number: u32, value: T) {
        let index = number as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        self.0[index] = Some(value);
    }

    pub(super) fn take(&mut self, number: u32) -> Option<T> {
        self.0.get_mut(number as usize)?.take()
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.get(number).is_some()
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.0.get(number as usize)?.as_ref()
    }
}

impl<T> Default for ByNumber<T> {
    fn default() -> Self {
        ByNumber(Vec::new())
    }
}
