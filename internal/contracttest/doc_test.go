//go:build !wasip1

// These tests start the go command, which a program for WASI cannot.

package contracttest

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	source "go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

const module = "github.com/partner-contacts/contact"

// A checker type-checks the packages of the module from their source. Packages of other modules are left empty, and what
// does not resolve for that is not looked at.
type checker struct {
	files   *source.FileSet
	library types.Importer
	known   map[string]*types.Package
	syntax  map[string][]*ast.File
	info    types.Info
}

func newChecker(library types.Importer) *checker {
	return &checker{
		files:   source.NewFileSet(),
		library: library,
		known:   make(map[string]*types.Package),
		syntax:  make(map[string][]*ast.File),
		info:    types.Info{Uses: make(map[*ast.Ident]types.Object), Types: make(map[ast.Expr]types.TypeAndValue)},
	}
}

func (c *checker) Import(path string) (*types.Package, error) {
	if p := c.known[path]; p != nil {
		return p, nil
	}
	inside, ours := strings.CutPrefix(path, module)
	switch first, _, _ := strings.Cut(path, "/"); {
	case ours:
		p, _, err := c.check(path, "."+inside, false)
		return p, err
	case strings.Contains(first, "."):
		c.known[path] = types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
		c.known[path].MarkComplete()
		return c.known[path], nil
	}
	return c.library.Import(path)
}

// check reads the package in a folder, or its external tests.
func (c *checker) check(path, folder string, tests bool) (*types.Package, []*ast.File, error) {
	found, err := build.ImportDir(folder, 0)
	if err != nil {
		return nil, nil, err
	}
	names := found.GoFiles
	if tests {
		names = found.XTestGoFiles
	}
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(c.files, folder+"/"+name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, file)
	}
	config := types.Config{Importer: c, Error: func(error) {}}
	p, _ := config.Check(path, c.files, files, &c.info)
	if !tests {
		c.known[path], c.syntax[path] = p, files
	}
	return p, files, nil
}

// name returns how an object is called in this test: p.F, p.T or p.T.M; "" if it is none of the library's.
func name(object types.Object) string {
	if object == nil || object.Pkg() == nil || !strings.HasPrefix(object.Pkg().Path(), module) {
		return ""
	}
	if f, ok := object.(*types.Func); ok {
		if receiver := f.Signature().Recv(); receiver != nil {
			return typeName(receiver.Type()) + "." + f.Name()
		}
	}
	return object.Pkg().Name() + "." + object.Name()
}

// typeName returns the name of a type of the library, also behind a pointer, or "".
func typeName(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return name(n.Obj())
	}
	return ""
}

// TestEveryNameHasDocsAndAnExample goes through what the packages export: functions, types, methods, and all variables
// and constants but the long lists of fields, rules and codes. Each must have a doc comment and stand in an Example of
// one of the packages: in its name, in its body or, for a method that fmt or encoding/json calls, in an argument to them.
func TestEveryNameHasDocsAndAnExample(t *testing.T) {
	t.Parallel()
	folders := []string{".", "./contacthttp", "./contacttest", "./schema"}
	listed := slices.Clone(folders)
	for _, folder := range folders {
		t.Run(row.Name(folder), func(t *testing.T) {
			found, err := build.ImportDir(folder, 0)
			require.NoError(t, err)
			for _, path := range slices.Concat(found.Imports, found.XTestImports) {
				if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
					listed = append(listed, path)
				}
			}
		})
	}
	c := newChecker(exportData(t, listed...))
	documented := make(map[string]bool)
	shown := make(map[string]bool)
	for _, folder := range folders {
		t.Run(row.Name(folder), func(t *testing.T) {
			path := module + strings.TrimPrefix(folder, ".")
			p, err := c.Import(path)
			require.NoError(t, err)
			for _, file := range c.syntax[path] {
				exports(p, file, documented)
			}
			tests, files, err := c.check(path+"_test", folder, true)
			require.NoError(t, err)
			for _, file := range files {
				for _, d := range file.Decls {
					if f, ok := d.(*ast.FuncDecl); ok && inExamples(f, c.files) {
						c.uses(strings.TrimSuffix(tests.Name(), "_test"), f, shown)
					}
				}
			}
		})
	}
	require.Greater(t, len(documented), 150, "these are not all names")
	for full, doc := range documented {
		assert.True(t, doc, "%s has no doc comment", full)
		assert.True(t, shown[full], "%s stands in no Example", full)
	}
}

// exports adds what a file exports, and whether it has a doc comment.
func exports(p *types.Package, file *ast.File, documented map[string]bool) {
	add := func(doc *ast.CommentGroup, id *ast.Ident, receiver string) {
		if id.IsExported() && (receiver == "" || ast.IsExported(receiver)) {
			full := strings.TrimPrefix(receiver+"."+id.Name, ".")
			documented[p.Name()+"."+full] = strings.TrimSpace(doc.Text()) != ""
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			receiver := ""
			if d.Recv != nil {
				of := d.Recv.List[0].Type
				if star, ok := of.(*ast.StarExpr); ok {
					of = star.X
				}
				receiver = of.(*ast.Ident).Name
			}
			add(d.Doc, d.Name, receiver)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					doc := spec.Doc
					if doc == nil {
						doc = d.Doc
					}
					add(doc, spec.Name, "")
				case *ast.ValueSpec:
					doc := spec.Doc
					if doc == nil && !d.Lparen.IsValid() {
						doc = d.Doc
					}
					for _, id := range spec.Names {
						if !id.IsExported() {
							continue
						}
						switch typeName(p.Scope().Lookup(id.Name).Type()) {
						case "contact.Field", "contact.Rule", "contact.Code", "contact.Kind":
							if d.Doc == nil {
								add(nil, id, "")
							}
						default:
							add(doc, id, "")
						}
					}
				}
			}
		}
	}
}

// inExamples reports whether f is an Example, or in a file of examples.
func inExamples(f *ast.FuncDecl, files *source.FileSet) bool {
	file := files.Position(f.Pos()).Filename
	return strings.HasPrefix(f.Name.Name, "Example") || strings.Contains(file, "example_")
}

// uses adds the library's names that stand in f, an Example of the package called in, and the methods by which errors, fmt, encoding/json and a
// logger look into its arguments.
func (c *checker) uses(in string, f *ast.FuncDecl, shown map[string]bool) {
	if title, ok := strings.CutPrefix(f.Name.Name, "Example"); ok {
		// ExampleT_M is about the method M of T; vet proves that there is one.
		of, method, _ := strings.Cut(title, "_")
		shown[in+"."+of], shown[in+"."+of+"."+method] = true, true
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			shown[name(c.info.Uses[n])] = true
		case *ast.CallExpr:
			callee, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			from, ok := callee.X.(*ast.Ident)
			if !ok {
				break
			}
			methods := map[string][]string{
				"errors": {"Unwrap"},
				"fmt":    {"String", "Error", "Format"},
				"json":   {callee.Sel.Name + "JSON", callee.Sel.Name + "Text"},
				"log":    {"LogValue"}, // the logger of an Example
				"mux":    {"ServeHTTP"},
				"quick":  {"Generate"},
			}[from.Name]
			for _, arg := range n.Args {
				of := c.info.TypeOf(arg)
				if of == nil {
					continue
				}
				for _, method := range methods {
					shown[typeName(of)+"."+method] = true
					if f, ok := of.(*types.Signature); ok { // quick.Check makes the function's arguments
						for parameter := range f.Params().Variables() {
							shown[typeName(parameter.Type())+"."+method] = true
						}
					}
				}
			}
		}
		return true
	})
}

// TestHoldersAreAll: a type that is new must say how it is printed.
func TestHoldersAreAll(t *testing.T) {
	c, p, _ := private(t)
	known := map[string]bool{
		// Without a client's text or a person's data.
		"Code": true, "Rule": true, "Field": true, "FieldSet": true, "Kind": true, "Options": true, "Op": true,
		"ErrorMeta": true, "ID": true,
		// Values, as a string is one.
		"Date": true, "Object": true,
	}
	for _, v := range holders(t, c, p) {
		name := reflect.TypeOf(v)
		if name.Kind() == reflect.Pointer {
			name = name.Elem()
		}
		known[name.Name()] = true
		require.Implements(t, (*fmt.Formatter)(nil), v)
	}
	library, err := exportData(t, ".").Import(module)
	require.NoError(t, err)
	for _, name := range library.Scope().Names() {
		if _, isType := library.Scope().Lookup(name).(*types.TypeName); isType && source.IsExported(name) {
			require.True(t, known[name], name)
		}
	}
}
