"""The API modules in the box. Each imports nothing but `scopekeeper.sdk`, as a module of anybody else would."""
