package main

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

//go:embed page
var page embed.FS

// The page runs its own script and the WebAssembly of the package, talks to
// this service, and can do nothing else.
const pagePolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; " +
	"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// formFiles returns the browser form's files by path. Those that come from the
// package in the folder wasm are built when they are first asked for, with
// nothing but Go.
func formFiles(wasm string) map[string]func(http.ResponseWriter, *http.Request) error {
	static := func(name string) func() ([]byte, error) {
		return func() ([]byte, error) { return page.ReadFile("page/" + name) }
	}
	return map[string]func(http.ResponseWriter, *http.Request) error{
		"/{$}":          file("text/html; charset=utf-8", static("index.html")),
		"/style.css":    file("text/css; charset=utf-8", static("style.css")),
		"/app.js":       file("text/javascript; charset=utf-8", func() ([]byte, error) { return bundle(wasm) }),
		"/contact.wasm": file("application/wasm", func() ([]byte, error) { return compile(wasm) }),
	}
}

// file serves what make returns, made once.
func file(mediaType string, make func() ([]byte, error)) func(http.ResponseWriter, *http.Request) error {
	packed := sync.OnceValues(func() ([]byte, error) {
		plain, err := make()
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(plain); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	})
	return func(w http.ResponseWriter, r *http.Request) error {
		content, err := packed()
		if err != nil {
			return fmt.Errorf("%w: %v", errInternal, err)
		}
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Content-Encoding", "gzip") // every browser that has WebAssembly takes it
		h.Set("Content-Length", strconv.Itoa(len(content)))
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		w.Write(content) // an error here means that nobody listens any more
		return nil
	}
}

// bundle makes one script of the page's and the package's.
func bundle(wasm string) ([]byte, error) {
	source, err := page.ReadFile("page/app.ts")
	if err != nil {
		return nil, err
	}
	src, err := filepath.Abs(filepath.Join(wasm, "src"))
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: string(source), Sourcefile: "app.ts", ResolveDir: src, Loader: api.LoaderTS},
		Bundle: true,
		Format: api.FormatESModule,
		Target: api.ES2022,
		Alias: map[string]string{
			"@partner-contacts/contact":      filepath.Join(src, "contact.ts"),
			"@partner-contacts/contact/form": filepath.Join(src, "form.ts"),
		},
		Define: map[string]string{"VERSION": `"source"`},
	})
	if len(result.Errors) > 0 {
		text := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return nil, errors.New("bundle the form: " + strings.Join(text, ""))
	}
	return result.OutputFiles[0].Contents, nil
}

// compile builds the package's WebAssembly module.
func compile(wasm string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "contact-wasm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "contact.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = wasm
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the form's module: %w\n%s", err, text)
	}
	return os.ReadFile(out)
}
