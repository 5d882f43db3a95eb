//go:build contact_small

package scan

// Small leaves out code that only makes reading and writing faster.
const Small = true
