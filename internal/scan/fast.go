//go:build !contact_small

package scan

// Small leaves out code that only makes reading and writing faster. The tag contact_small sets it
// for a browser, which reads one small body at a time and loads the code first.
const Small = false
