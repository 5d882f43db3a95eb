package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
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

// A formFile is a file of the form, with what its ETag is made of.
type formFile struct {
	name, tag string
	packed    []byte
}

func formFiles() map[string]formFile {
	files := map[string]formFile{}
	names, err := fs.Glob(dist, "dist/*.gz")
	if err != nil {
		panic(err) // the pattern is in order
	}
	for _, name := range names {
		packed, err := dist.ReadFile(name)
		if err != nil {
			panic(err) // it is in the program
		}
		file := formFile{
			name:   strings.TrimSuffix(path.Base(name), ".gz"),
			tag:    fmt.Sprintf("%x", sha256.Sum256(packed)),
			packed: packed,
		}
		route := "/" + file.name
		if file.name == "index.html" {
			route = "/{$}"
		}
		files[route] = file
	}
	return files
}

func (f formFile) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(f.name)))
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // but with the ETag
	h.Set("Vary", "Accept-Encoding")
	content, tag := f.packed, `"`+f.tag+`"`
	if acceptsGzip(strings.Join(r.Header["Accept-Encoding"], ", ")) {
		h.Set("Content-Encoding", "gzip")
		tag = `"` + f.tag + `-gzip"`
	} else {
		unpacked, err := gzip.NewReader(bytes.NewReader(f.packed))
		if err == nil {
			content, err = io.ReadAll(unpacked)
		}
		if err != nil {
			return err
		}
	}
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.Write(content) // an error here means that nobody listens any more
	return nil
}

// acceptsGzip reads an Accept-Encoding (RFC 9110 §12.5.3). A weight of zero is a refusal.
func acceptsGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, weighed := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			_, q, _ := strings.Cut(weight, "=")
			n, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			return !weighed || err == nil && n > 0
		}
	}
	return false
}
