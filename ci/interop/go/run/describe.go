package main

import (
	"reflect"
	"strings"
	"time"
)

// describe gives a value with what JSON would lose: times, types, and the unexported content of unions.
func describe(value any) any {
	if value == nil {
		return nil
	}
	return describeValue(reflect.ValueOf(value))
}

func describeValue(value reflect.Value) any {
	if at, ok := value.Interface().(time.Time); ok {
		return map[string]any{"$time": at.UTC().Format(time.RFC3339Nano)}
	}
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return describeValue(value.Elem())
	case reflect.Slice:
		if value.IsNil() {
			return map[string]any{"$nil": value.Type().Elem().Name()}
		}
		entries := make([]any, value.Len())
		for i := range entries {
			entries[i] = describeValue(value.Index(i))
		}
		return entries
	case reflect.Map:
		entries := make(map[string]any, value.Len())
		for _, key := range value.MapKeys() {
			entries[key.String()] = describeValue(value.MapIndex(key))
		}
		return entries
	case reflect.Struct:
		return describeStruct(value)
	case reflect.String:
		return map[string]any{"$class": class(value), "$value": value.String()}
	default:
		return value.Interface()
	}
}

func describeStruct(value reflect.Value) any {
	members := map[string]any{"$class": class(value)}
	for i := range value.NumField() {
		if field := value.Type().Field(i); field.IsExported() {
			members[field.Name] = describeValue(value.Field(i))
		}
	}
	if kind := value.FieldByName("Type"); kind.IsValid() {
		for i := range value.NumMethod() {
			name := value.Type().Method(i).Name
			if strings.EqualFold(name, kind.String()) {
				members[name+"()"] = describeValue(value.Method(i).Call(nil)[0])
			}
		}
	}
	return members
}

// class is the name of the type without its package and its parameters.
func class(value reflect.Value) string {
	name, _, _ := strings.Cut(value.Type().Name(), "[")
	return name
}

// methods are those of a client or of a part of it, with their paths. A method without parameters that returns a type of
// the package gives such a part.
func methods(api reflect.Value, path string) []string {
	var all []string
	for i := range api.NumMethod() {
		method := api.Type().Method(i).Name
		name := path + strings.ToLower(method[:1]) + method[1:]
		if kind := api.Method(i).Type(); kind.NumIn() == 0 && kind.Out(0).PkgPath() != "" {
			all = append(all, methods(api.Method(i).Call(nil)[0], name+".")...)
		} else {
			all = append(all, name)
		}
	}
	return all
}
