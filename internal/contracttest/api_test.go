//go:build !wasip1

// These tests start the go command, which a program for WASI cannot.

package contracttest

import (
	"encoding/json"
	"fmt"
	"go/constant"
	"go/importer"
	source "go/token"
	"go/types"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/golden"
	"github.com/partner-contacts/contact/internal/row"
)

// TestAPI compares the exported names of the packages with testdata/api.txt, which a release freezes: a line that goes or
// changes breaks somebody's program, a new one is a promise.
func TestAPI(t *testing.T) {
	t.Parallel()
	var lines []string
	load := exportData(t, ".", "./contacthttp", "./contacttest", "./schema")
	for _, folder := range []string{"", "/contacthttp", "/contacttest", "/schema"} {
		t.Run(row.Name(folder), func(t *testing.T) {
			p, err := load.Import(module + folder)
			require.NoError(t, err)
			// A package of another module has its whole path, since the major version is in it.
			within := func(other *types.Package) string {
				switch first, _, _ := strings.Cut(other.Path(), "/"); {
				case other == p:
					return ""
				case strings.HasPrefix(other.Path(), module), !strings.Contains(first, "."):
					return other.Name()
				}
				return other.Path()
			}
			list := func(text string) {
				// The compiler names the results of some functions that may be inlined.
				text = regexp.MustCompile(`#rv[0-9]+ `).ReplaceAllString(text, "")
				lines = append(lines, p.Name()+": "+text)
			}
			for _, name := range p.Scope().Names() {
				object := p.Scope().Lookup(name)
				if !object.Exported() {
					continue
				}
				kind, isType := object.(*types.TypeName)
				if !isType {
					text := types.ObjectString(object, within)
					// Codes and rules are what programs compare with; the numbers of fields are not.
					if c, ok := object.(*types.Const); ok && c.Val().Kind() == constant.String {
						text += " = " + c.Val().ExactString()
					}
					list(text)
					continue
				}
				if kind.IsAlias() {
					list("type " + name + " = " + types.TypeString(types.Unalias(kind.Type()), within))
					continue
				}
				list("type " + name + " " + shape(kind.Type().Underlying(), within))
				methods := types.NewMethodSet(types.NewPointer(kind.Type()))
				for i := range methods.Len() {
					if m := methods.At(i).Obj(); m.Exported() && m.Pkg() == p {
						list(types.ObjectString(m, within))
					}
				}
			}
		})
	}
	text := strings.Join(slices.Compact(lines), "\n") + "\n"
	require.NotContains(t, text, "invalid type")
	golden.Check(t, "testdata/api.txt", text)
}

// exportData returns an importer of packages and all that they import, as the compiler has written them.
func exportData(t *testing.T, packages ...string) types.Importer {
	files := make(map[string]string)
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, packages...)
	d := json.NewDecoder(strings.NewReader(run(t, ".", "go", args...)))
	for d.More() {
		var p struct{ ImportPath, Export string }
		require.NoError(t, d.Decode(&p))
		files[p.ImportPath] = p.Export
	}
	return importer.ForCompiler(source.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(files[path])
	})
}

// shape writes a type as far as other packages see it: of a struct the exported fields.
func shape(of types.Type, within types.Qualifier) string {
	s, ok := of.(*types.Struct)
	if !ok {
		return types.TypeString(of, within)
	}
	var fields []string
	for i := range s.NumFields() {
		if f := s.Field(i); f.Exported() {
			fields = append(fields, f.Name()+" "+types.TypeString(f.Type(), within)+" "+s.Tag(i))
		}
	}
	return "struct{" + strings.Join(fields, "; ") + "}"
}
