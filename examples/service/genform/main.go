// Command genform builds the browser form into ../dist, from the editor and the WebAssembly package, with
// nothing but Go. The same sources and the same Go make the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const wasm = "../../wasm" // seen from the service, where go generate runs

func main() {
	log.SetFlags(0)
	log.SetPrefix("genform: ")
	if err := os.MkdirAll("dist", 0o755); err != nil {
		log.Fatal(err)
	}
	for name, build := range map[string]func() ([]byte, error){
		"index.html":   editor("index.html"),
		"editor.css":   editor("editor.css"),
		"icon.svg":     editor("icon.svg"),
		"editor.js":    bundle,
		"contact.wasm": compile,
	} {
		content, err := build()
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("dist", name+".gz"), pack(content), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// editor returns a file of the page, which the service and the demo share.
func editor(name string) func() ([]byte, error) {
	return func() ([]byte, error) { return os.ReadFile(filepath.Join(wasm, "demo", name)) }
}

func pack(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

// bundle makes one script of the editor's and the package's, with this service as its server.
func bundle() ([]byte, error) {
	root, err := filepath.Abs(wasm)
	if err != nil {
		return nil, err
	}
	server, err := filepath.Abs("page/server.ts")
	if err != nil {
		return nil, err
	}
	sources := api.Plugin{Name: "sources", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\.\./dist/`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			name := strings.TrimSuffix(filepath.Base(a.Path), ".js") + ".ts"
			return api.OnResolveResult{Path: filepath.Join(root, "src", name)}, nil
		})
		b.OnResolve(api.OnResolveOptions{Filter: `^\./server\.js$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: server}, nil
		})
	}}
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(root, "demo", "editor.js")},
		Bundle:      true,
		Format:      api.FormatESModule,
		Target:      api.ES2022,
		Plugins:     []api.Plugin{sources},
		Define:      map[string]string{"VERSION": `"source"`},
	})
	if len(result.Errors) > 0 {
		text := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return nil, errors.New("bundle the form: " + strings.Join(text, ""))
	}
	return result.OutputFiles[0].Contents, nil
}

// compile builds the package's WebAssembly module.
func compile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "genform-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "contact.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-tags=contact_small", "-o", out, ".")
	cmd.Dir = wasm
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the form's module: %w\n%s", err, text)
	}
	return os.ReadFile(out)
}
