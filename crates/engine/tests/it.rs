//! The engine on a real store, between scripted sides.

#[cfg(test)]
mod it {
    mod scripted;
    mod walking;
}
