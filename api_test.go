package contact_test

import (
	"go/constant"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPI holds what the packages export to testdata/api.txt, which a release freezes: a line that goes or changes breaks
// somebody's program, a new one is a promise. CONTACT_API=write writes the file.
func TestAPI(t *testing.T) {
	t.Parallel()
	const file = "testdata/api.txt"
	c := newChecker()
	var lines []string
	for _, folder := range []string{"", "/contacthttp", "/contacttest", "/schema"} {
		p, err := c.Import(module + folder)
		require.NoError(t, err)
		within := func(other *types.Package) string {
			if other == p {
				return ""
			}
			return other.Name()
		}
		list := func(what string) { lines = append(lines, p.Name()+": "+what) }
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
			list("type " + name + " " + shape(kind.Type().Underlying(), within))
			methods := types.NewMethodSet(types.NewPointer(kind.Type()))
			for i := range methods.Len() {
				if m := methods.At(i).Obj(); m.Exported() && m.Pkg() == p {
					list(types.ObjectString(m, within))
				}
			}
		}
	}
	text := strings.Join(slices.Compact(lines), "\n") + "\n"
	if os.Getenv("CONTACT_API") == "write" {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text, "if this is meant: CONTACT_API=write go test -run TestAPI .")
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
