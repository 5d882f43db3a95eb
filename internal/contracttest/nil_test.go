//go:build !wasip1

// This test starts the go command, which a program for WASI cannot.

package contracttest

import (
	"encoding/json"
	"go/types"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/row"
)

// nils are nil pointers to the types that have methods with a pointer receiver.
var nils = []any{
	(*contact.Change)(nil), (*contact.Contact)(nil), (*contact.Date)(nil), (*contact.Error)(nil), (*contact.Errors)(nil),
	(*contact.Field)(nil), (*contact.FieldSet)(nil), (*contact.Object)(nil), (*contact.Patch)(nil),
	(*contact.PatchBuilder)(nil), (*contact.StoreError)(nil), (*contact.Update)(nil),
	(*contacthttp.Handler)(nil), (*contacttest.Gen)(nil),
}

// TestNilReceivers calls every exported method that has a pointer receiver with a nil one. A method that returns an error
// returns ErrNil, and its other results are zero, or the dst that was passed. Any other method has nothing to tell.
func TestNilReceivers(t *testing.T) {
	t.Parallel()
	known := make(map[string]bool)
	for _, none := range nils {
		of := reflect.TypeOf(none)
		known[of.Elem().String()] = true
		for i := range of.NumMethod() {
			m := of.Method(i)
			if _, ofValue := of.Elem().MethodByName(m.Name); ofValue {
				continue
			}
			t.Run(row.Name(of.Elem().Name()+"."+m.Name), func(t *testing.T) { callNil(t, reflect.ValueOf(none), m) })
		}
	}
	// No type was left out.
	load := exportData(t, ".", "./contacthttp", "./contacttest", "./schema")
	for _, folder := range []string{"", "/contacthttp", "/contacttest", "/schema"} {
		p, err := load.Import(module + folder)
		require.NoError(t, err)
		for _, name := range p.Scope().Names() {
			kind, isType := p.Scope().Lookup(name).(*types.TypeName)
			if !isType || !kind.Exported() || kind.IsAlias() {
				continue
			}
			methods := types.NewMethodSet(types.NewPointer(kind.Type()))
			for i := range methods.Len() {
				m := methods.At(i).Obj()
				if ofValue := types.NewMethodSet(kind.Type()).Lookup(p, m.Name()) != nil; m.Exported() && !ofValue {
					require.True(t, known[p.Name()+"."+name], "%s.%s has a method with a pointer receiver", p.Name(), name)
				}
			}
		}
	}
}

var errorType = reflect.TypeFor[error]()

func callNil(t *testing.T, none reflect.Value, m reflect.Method) {
	args := []reflect.Value{none}
	dst := []byte("dst")
	for i := 1; i < m.Type.NumIn(); i++ {
		switch in := m.Type.In(i); {
		case m.Type.IsVariadic() && i == m.Type.NumIn()-1:
		case in == reflect.TypeOf(dst):
			args = append(args, reflect.ValueOf(dst))
		case in.String() == "http.ResponseWriter":
			args = append(args, reflect.ValueOf(httptest.NewRecorder()))
		case in.String() == "*http.Request":
			args = append(args, reflect.ValueOf(httptest.NewRequest("GET", "/", nil)))
		case in.Kind() == reflect.Int:
			args = append(args, reflect.ValueOf(3))
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	if none.Type() == reflect.TypeFor[*contacttest.Gen]() {
		simplest := reflect.ValueOf(contacttest.FromBytes(nil))
		require.Equal(t, simplest.Method(m.Index).Call(genArgs(args[1:]))[0].Interface(), m.Func.Call(append(args[:1:1], genArgs(args[1:])...))[0].Interface())
		return
	}
	results := m.Func.Call(args)
	if of, ok := args[1%len(args)].Interface().(*httptest.ResponseRecorder); ok {
		require.Equal(t, 500, of.Code)
		return
	}
	for i, result := range results {
		switch last := i == len(results)-1; {
		case last && result.Type() == errorType:
			err, _ := result.Interface().(error)
			require.ErrorIs(t, err, contact.ErrNil)
		case m.Name == "AppendJSON":
			require.Equal(t, "dstnull", string(result.Bytes()))
		case m.Name == "AppendMerge" && i == 0:
			require.Equal(t, "dst", string(result.Bytes()))
		case m.Name == "Error":
			require.Equal(t, "contact: in the stored document: 0 errors: ", result.String())
		default:
			require.True(t, result.IsZero(), "%s: %v", m.Name, result)
		}
	}
}

// genArgs returns arguments that a Gen can work with: a document, and a number as text.
func genArgs(args []reflect.Value) []reflect.Value {
	args = slices.Clone(args)
	for i, arg := range args {
		switch arg.Interface().(type) {
		case []byte:
			args[i] = reflect.ValueOf(contacttest.Sample())
		case string:
			args[i] = reflect.ValueOf("123456")
		case contact.Rule:
			args[i] = reflect.ValueOf(contact.RuleType)
		}
	}
	return args
}

// TestNilInside: nil pointers that other packages come upon.
func TestNilInside(t *testing.T) {
	var embedded struct{ *contact.Contact }
	require.ErrorIs(t, json.Unmarshal([]byte(`{}`), &embedded), contact.ErrNil)
	require.NoError(t, json.Unmarshal([]byte(`null`), &embedded))
	for _, v := range []any{(*contact.Contact)(nil), (*contact.Patch)(nil)} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, "null", string(text))
	}
	require.Nil(t, (*contact.Contact)(nil).Clone())
	merged, changed, before, after, err := (&contact.Update{}).AppendMerge(nil, []byte(minimalText), time.Now())
	require.ErrorIs(t, err, contact.ErrNil)
	require.Nil(t, merged)
	require.Zero(t, changed)
	require.True(t, before.IsZero() && after.IsZero())
}

// TestNilBuilder: a chain of calls ends in one error.
func TestNilBuilder(t *testing.T) {
	var b *contact.PatchBuilder
	p, err := b.Set(contact.FieldCity, "x").SetText(contact.FieldCity, "x").Clear(contact.FieldCity).Patch()
	require.ErrorIs(t, err, contact.ErrNil)
	require.Nil(t, p)
}
