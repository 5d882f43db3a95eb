package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The contact editor, built from wasm/demo and the WebAssembly package, with page/server.ts for this
// service. Each file is there once, as gzip. Git ignores dist.
//
//go:generate go run ./genform
//go:embed dist/*.gz
var dist embed.FS

// The page runs its own script and the WebAssembly of the package, talks to this service, and can
// do nothing else.
const pagePolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// form is the form's files by route.
var form = formFiles()

type formFile struct {
	name   string
	packed []byte
}

func formFiles() map[string]formFile {
	files := map[string]formFile{}
	names, _ := fs.Glob(dist, "dist/*.gz") // the pattern is in order
	for _, name := range names {
		packed, err := dist.ReadFile(name)
		if err != nil {
			panic(err) // it is in the program
		}
		file := formFile{strings.TrimSuffix(path.Base(name), ".gz"), packed}
		files[map[bool]string{true: "/{$}", false: "/" + file.name}[file.name == "index.html"]] = file
	}
	return files
}

// gzipAccepted matches an Accept-Encoding (RFC 9110 §12.5.3) that names gzip, with no weight or one that
// is not zero.
var gzipAccepted = regexp.MustCompile(`(?i)(^|,)[ \t]*gzip[ \t]*($|,|;[ \t]*q=(0\.0{0,2}[1-9]|1))`)

func (f formFile) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // but with the ETag
	h.Set("Vary", "Accept-Encoding")
	content := f.packed
	if gzipAccepted.MatchString(strings.Join(r.Header["Accept-Encoding"], ", ")) {
		h.Set("Content-Encoding", "gzip")
	} else {
		unpacked, err := gzip.NewReader(bytes.NewReader(f.packed))
		if err != nil {
			return err
		}
		if content, err = io.ReadAll(unpacked); err != nil {
			return err
		}
	}
	h.Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(content)))
	if r.Header["Range"] == nil { // ServeContent leaves it out where there is a coding
		h.Set("Content-Length", strconv.Itoa(len(content)))
	}
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(content)) // compares tags by RFC 9110
	return nil
}
