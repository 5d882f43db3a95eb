// Package vectors carries the language-neutral cases to Go programs that are
// not in this folder; ../README.md says what the files hold.
package vectors

import "embed"

// Files holds the files of this folder.
//
//go:embed *.json
var Files embed.FS
