function instantiate(module, { TextDecoder, TextEncoder }) {
// Finalizers would enter instances that broke down. An instance is garbage as a whole, with all it holds.
const FinalizationRegistry = undefined;
let wasm_bindgen = (function(exports) {
    let script_src;
    if (typeof document !== 'undefined' && document.currentScript !== null) {
        script_src = new URL(document.currentScript.src, location.href).toString();
    }

    /**
     * One client engine. It has an instance of this module to itself; see the loader in packages/sdk.
     */
    class Core {
        __destroy_into_raw() {
            const ptr = this.__wbg_ptr;
            this.__wbg_ptr = 0;
            CoreFinalization.unregister(this);
            return ptr;
        }
        free() {
            const ptr = this.__destroy_into_raw();
            wasm.__wbg_core_free(ptr, 0);
        }
        /**
         * Cancels a call and the operations that it waits for. It will not be settled.
         * @param {number} call
         */
        cancel(call) {
            wasm.core_cancel(this.__wbg_ptr, call);
        }
        /**
         * Reports the result of a cryptographic operation; undefined if the platform refused it.
         * @param {number} operation
         * @param {Uint8Array | null} [result]
         */
        cryptoDone(operation, result) {
            var ptr0 = isLikeNone(result) ? 0 : passArray8ToWasm0(result, wasm.__wbindgen_malloc);
            var len0 = WASM_VECTOR_LEN;
            wasm.core_cryptoDone(this.__wbg_ptr, operation, ptr0, len0);
        }
        /**
         * Reports the response to an `http` operation; `headers` alternates names and values.
         * @param {number} operation
         * @param {number} status
         * @param {string[]} headers
         * @param {Uint8Array} body
         */
        httpDone(operation, status, headers, body) {
            const ptr0 = passArrayJsValueToWasm0(headers, wasm.__wbindgen_malloc);
            const len0 = WASM_VECTOR_LEN;
            const ptr1 = passArray8ToWasm0(body, wasm.__wbindgen_malloc);
            const len1 = WASM_VECTOR_LEN;
            wasm.core_httpDone(this.__wbg_ptr, operation, status, ptr0, len0, ptr1, len1);
        }
        /**
         * Reports the failure of an `http` operation; `kind` is one of `TransportErrorKind`'s names, and `proxy` is empty
         * if there is none. The core's error has the operation's number as its cause.
         * @param {number} operation
         * @param {string} kind
         * @param {string} message
         * @param {string | null} [proxy]
         */
        httpFailed(operation, kind, message, proxy) {
            const ptr0 = passStringToWasm0(kind, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len0 = WASM_VECTOR_LEN;
            const ptr1 = passStringToWasm0(message, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len1 = WASM_VECTOR_LEN;
            var ptr2 = isLikeNone(proxy) ? 0 : passStringToWasm0(proxy, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            var len2 = WASM_VECTOR_LEN;
            wasm.core_httpFailed(this.__wbg_ptr, operation, ptr0, len0, ptr1, len1, ptr2, len2);
        }
        /**
         * Starts a call that signs a client in. `call` is a number that the caller chooses.
         * @param {number} call
         * @param {string} config
         */
        initClient(call, config) {
            const ptr0 = passStringToWasm0(config, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len0 = WASM_VECTOR_LEN;
            wasm.core_initClient(this.__wbg_ptr, call, ptr0, len0);
        }
        /**
         * Runs a method that needs neither client nor network.
         *
         * # Errors
         * The core's error as JSON text.
         * @param {string} invocation
         * @returns {string}
         */
        invokeSync(invocation) {
            let deferred3_0;
            let deferred3_1;
            try {
                const ptr0 = passStringToWasm0(invocation, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
                const len0 = WASM_VECTOR_LEN;
                const ret = wasm.core_invokeSync(this.__wbg_ptr, ptr0, len0);
                var ptr2 = ret[0];
                var len2 = ret[1];
                if (ret[3]) {
                    ptr2 = 0; len2 = 0;
                    throw takeFromExternrefTable0(ret[2]);
                }
                deferred3_0 = ptr2;
                deferred3_1 = len2;
                return getStringFromWasm0(ptr2, len2);
            } finally {
                wasm.__wbindgen_free(deferred3_0, deferred3_1, 1);
            }
        }
        /**
         * Starts a call that runs a method. `call` is a number that the caller chooses. The invocation refers to the
         * attachments.
         * @param {number} call
         * @param {string} invocation
         * @param {Uint8Array[]} attachments
         */
        invoke(call, invocation, attachments) {
            const ptr0 = passStringToWasm0(invocation, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len0 = WASM_VECTOR_LEN;
            const ptr1 = passArrayJsValueToWasm0(attachments, wasm.__wbindgen_malloc);
            const len1 = WASM_VECTOR_LEN;
            wasm.core_invoke(this.__wbg_ptr, call, ptr0, len0, ptr1, len1);
        }
        /**
         * Returns an engine that reaches the network and the clock through `host`.
         * @param {any} host
         */
        constructor(host) {
            const ret = wasm.core_new(host);
            this.__wbg_ptr = ret;
            CoreFinalization.register(this, this.__wbg_ptr, this);
            return this;
        }
        /**
         * Releases a client and its keys.
         *
         * # Errors
         * The core's error as JSON text.
         * @param {string} id
         */
        releaseClient(id) {
            const ptr0 = passStringToWasm0(id, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len0 = WASM_VECTOR_LEN;
            const ret = wasm.core_releaseClient(this.__wbg_ptr, ptr0, len0);
            if (ret[1]) {
                throw takeFromExternrefTable0(ret[0]);
            }
        }
        /**
         * Reports the end of a `sleep` operation.
         * @param {number} operation
         */
        sleepDone(operation) {
            wasm.core_sleepDone(this.__wbg_ptr, operation);
        }
    }
    if (Symbol.dispose) Core.prototype[Symbol.dispose] = Core.prototype.free;
    exports.Core = Core;
    function __wbg_get_imports() {
        const import0 = {
            __proto__: null,
            __wbg___wbindgen_string_get_0380ccaa2f57f0d9: function(arg0, arg1) {
                const obj = arg1;
                const ret = typeof(obj) === 'string' ? obj : undefined;
                var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
                var len1 = WASM_VECTOR_LEN;
                getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
                getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
            },
            __wbg___wbindgen_throw_41e9ee4f547fc59a: function(arg0, arg1) {
                throw new Error(getStringFromWasm0(arg0, arg1));
            },
            __wbg_aesGcm_176b7f359fd62f83: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9) {
                arg0.aesGcm(arg1 >>> 0, getStringFromWasm0(arg2, arg3), getArrayU8FromWasm0(arg4, arg5), getArrayU8FromWasm0(arg6, arg7), getArrayU8FromWasm0(arg8, arg9));
            },
            __wbg_cancel_00d584a6f4c3edab: function(arg0, arg1) {
                arg0.cancel(arg1 >>> 0);
            },
            __wbg_composed_d13e4895eb7c393f: function(arg0, arg1, arg2, arg3) {
                const ret = arg1.composed(getStringFromWasm0(arg2, arg3));
                const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
                const len1 = WASM_VECTOR_LEN;
                getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
                getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
            },
            __wbg_http_e4c4a6361e4eb326: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10) {
                var v0 = getArrayJsValueFromWasm0(arg6, arg7);
                wasm.__wbindgen_free(arg6, arg7 * 4, 4);
                let v1;
                if (arg8 !== 0) {
                    v1 = getArrayU8FromWasm0(arg8, arg9).slice();
                    wasm.__wbindgen_free(arg8, arg9 * 1, 1);
                }
                arg0.http(arg1 >>> 0, getStringFromWasm0(arg2, arg3), getStringFromWasm0(arg4, arg5), v0, v1, arg10);
            },
            __wbg_length_7f3c00c40364105e: function(arg0) {
                const ret = arg0.length;
                return ret;
            },
            __wbg_new_from_slice_9a868026ffa4208a: function(arg0, arg1) {
                const ret = new Uint8Array(getArrayU8FromWasm0(arg0, arg1));
                return ret;
            },
            __wbg_now_9dd709727c346135: function(arg0) {
                const ret = arg0.now();
                return ret;
            },
            __wbg_panicked_ec222a3374d99465: function(arg0, arg1, arg2) {
                arg0.panicked(getStringFromWasm0(arg1, arg2));
            },
            __wbg_pbkdf2_5f6fe2bf3bb1f754: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
                arg0.pbkdf2(arg1 >>> 0, getArrayU8FromWasm0(arg2, arg3), getArrayU8FromWasm0(arg4, arg5), arg6 >>> 0);
            },
            __wbg_prototypesetcall_bc27214492979395: function(arg0, arg1, arg2) {
                Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0, arg1), arg2);
            },
            __wbg_random_2b0d016c5b94e16c: function(arg0, arg1, arg2) {
                arg0.random(getArrayU8FromWasm0(arg1, arg2));
            },
            __wbg_rsaOaepDecrypt_6ca1bfb671912991: function(arg0, arg1, arg2, arg3, arg4, arg5) {
                var v0 = getArrayU8FromWasm0(arg4, arg5).slice();
                wasm.__wbindgen_free(arg4, arg5 * 1, 1);
                arg0.rsaOaepDecrypt(arg1 >>> 0, getStringFromWasm0(arg2, arg3), v0);
            },
            __wbg_rsaOaepEncrypt_d7784aaa3ad4e1a3: function(arg0, arg1, arg2, arg3, arg4, arg5) {
                var v0 = getArrayU8FromWasm0(arg4, arg5).slice();
                wasm.__wbindgen_free(arg4, arg5 * 1, 1);
                arg0.rsaOaepEncrypt(arg1 >>> 0, getStringFromWasm0(arg2, arg3), v0);
            },
            __wbg_settle_525e47032687eb8a: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
                var v0 = getArrayJsValueFromWasm0(arg5, arg6);
                wasm.__wbindgen_free(arg5, arg6 * 4, 4);
                arg0.settle(arg1 >>> 0, arg2 !== 0, getStringFromWasm0(arg3, arg4), v0);
            },
            __wbg_sha256_43ccd253ce67adca: function(arg0, arg1, arg2, arg3) {
                arg0.sha256(arg1 >>> 0, getArrayU8FromWasm0(arg2, arg3));
            },
            __wbg_sleep_4b49bc4e7d017da0: function(arg0, arg1, arg2) {
                arg0.sleep(arg1 >>> 0, arg2);
            },
            __wbindgen_generic_0000000000000001: function(arg0, arg1) {
                // Cast intrinsic for `Ref(String) -> Externref`.
                const ret = getStringFromWasm0(arg0, arg1);
                return ret;
            },
            __wbindgen_init_externref_table: function() {
                const table = wasm.__wbindgen_externrefs;
                const offset = table.grow(4);
                table.set(0, undefined);
                table.set(offset + 0, undefined);
                table.set(offset + 1, null);
                table.set(offset + 2, true);
                table.set(offset + 3, false);
            },
        };
        return {
            __proto__: null,
            "./core_bg.js": import0,
        };
    }

    const CoreFinalization = (typeof FinalizationRegistry === 'undefined')
        ? { register: () => {}, unregister: () => {} }
        : new FinalizationRegistry(ptr => wasm.__wbg_core_free(ptr, 1));

    function addToExternrefTable0(obj) {
        const idx = wasm.__externref_table_alloc();
        wasm.__wbindgen_externrefs.set(idx, obj);
        return idx;
    }

    function getArrayJsValueFromWasm0(ptr, len) {
        ptr = ptr >>> 0;
        const mem = getDataViewMemory0();
        const result = [];
        for (let i = ptr; i < ptr + 4 * len; i += 4) {
            result.push(wasm.__wbindgen_externrefs.get(mem.getUint32(i, true)));
        }
        wasm.__externref_drop_slice(ptr, len);
        return result;
    }

    function getArrayU8FromWasm0(ptr, len) {
        ptr = ptr >>> 0;
        return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
    }

    let cachedDataViewMemory0 = null;
    function getDataViewMemory0() {
        if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)) {
            cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
        }
        return cachedDataViewMemory0;
    }

    function getStringFromWasm0(ptr, len) {
        return decodeText(ptr >>> 0, len);
    }

    let cachedUint8ArrayMemory0 = null;
    function getUint8ArrayMemory0() {
        if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
            cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
        }
        return cachedUint8ArrayMemory0;
    }

    function isLikeNone(x) {
        return x === undefined || x === null;
    }

    function passArray8ToWasm0(arg, malloc) {
        const ptr = malloc(arg.length * 1, 1) >>> 0;
        getUint8ArrayMemory0().set(arg, ptr / 1);
        WASM_VECTOR_LEN = arg.length;
        return ptr;
    }

    function passArrayJsValueToWasm0(array, malloc) {
        const ptr = malloc(array.length * 4, 4) >>> 0;
        for (let i = 0; i < array.length; i++) {
            const add = addToExternrefTable0(array[i]);
            getDataViewMemory0().setUint32(ptr + 4 * i, add, true);
        }
        WASM_VECTOR_LEN = array.length;
        return ptr;
    }

    function passStringToWasm0(arg, malloc, realloc) {
        if (realloc === undefined) {
            const buf = cachedTextEncoder.encode(arg);
            const ptr = malloc(buf.length, 1) >>> 0;
            getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
            WASM_VECTOR_LEN = buf.length;
            return ptr;
        }

        let len = arg.length;
        let ptr = malloc(len, 1) >>> 0;

        const mem = getUint8ArrayMemory0();

        let offset = 0;

        for (; offset < len; offset++) {
            const code = arg.charCodeAt(offset);
            if (code > 0x7F) break;
            mem[ptr + offset] = code;
        }
        if (offset !== len) {
            if (offset !== 0) {
                arg = arg.slice(offset);
            }
            ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0;
            const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
            const ret = cachedTextEncoder.encodeInto(arg, view);

            offset += ret.written;
            ptr = realloc(ptr, len, offset, 1) >>> 0;
        }

        WASM_VECTOR_LEN = offset;
        return ptr;
    }

    function takeFromExternrefTable0(idx) {
        const value = wasm.__wbindgen_externrefs.get(idx);
        wasm.__externref_table_dealloc(idx);
        return value;
    }

    let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
    cachedTextDecoder.decode();
    function decodeText(ptr, len) {
        return cachedTextDecoder.decode(getUint8ArrayMemory0().subarray(ptr, ptr + len));
    }

    const cachedTextEncoder = new TextEncoder();

    if (!('encodeInto' in cachedTextEncoder)) {
        cachedTextEncoder.encodeInto = function (arg, view) {
            const buf = cachedTextEncoder.encode(arg);
            view.set(buf);
            return {
                read: arg.length,
                written: buf.length
            };
        };
    }

    let WASM_VECTOR_LEN = 0;

    let wasmModule, wasmInstance, wasm;
    function __wbg_finalize_init(instance, module) {
        wasmInstance = instance;
        wasm = instance.exports;
        wasmModule = module;
        cachedDataViewMemory0 = null;
        cachedUint8ArrayMemory0 = null;
        wasm.__wbindgen_start();
        return wasm;
    }

    async function __wbg_load(module, imports) {
        if (typeof Response === 'function' && module instanceof Response) {
            if (!module.ok) {
                throw new Error(`failed to fetch Wasm: ${module.status} ${module.statusText} fetching '${module.url}'`);
            }

            if (typeof WebAssembly.instantiateStreaming === 'function') {
                try {
                    return await WebAssembly.instantiateStreaming(module, imports);
                } catch (e) {
                    const validResponse = expectedResponseType(module.type);

                    if (validResponse && module.headers.get('Content-Type') !== 'application/wasm') {
                        console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n", e);

                    } else { throw e; }
                }
            }

            const bytes = await module.arrayBuffer();
            return await WebAssembly.instantiate(bytes, imports);
        } else {
            const instance = await WebAssembly.instantiate(module, imports);

            if (instance instanceof WebAssembly.Instance) {
                return { instance, module };
            } else {
                return instance;
            }
        }

        function expectedResponseType(type) {
            switch (type) {
                case 'basic': case 'cors': case 'default': return true;
            }
            return false;
        }
    }

    function initSync(module) {
        if (wasm !== undefined) return wasm;


        if (module !== undefined) {
            if (Object.getPrototypeOf(module) === Object.prototype) {
                ({module} = module)
            } else {
                console.warn('using deprecated parameters for `initSync()`; pass a single object instead')
            }
        }

        const imports = __wbg_get_imports();
        if (!(module instanceof WebAssembly.Module)) {
            module = new WebAssembly.Module(module);
        }
        const instance = new WebAssembly.Instance(module, imports);
        return __wbg_finalize_init(instance, module);
    }

    async function __wbg_init(module_or_path) {
        if (wasm !== undefined) return wasm;


        if (module_or_path !== undefined) {
            if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
                ({module_or_path} = module_or_path)
            } else {
                console.warn('using deprecated parameters for the initialization function; pass a single object instead')
            }
        }

        if (module_or_path === undefined && script_src !== undefined) {
            module_or_path = script_src.replace(/\.js$/, "_bg.wasm");
        }
        const imports = __wbg_get_imports();

        if (typeof module_or_path === 'string' || (typeof Request === 'function' && module_or_path instanceof Request) || (typeof URL === 'function' && module_or_path instanceof URL)) {
            module_or_path = fetch(module_or_path);
        }

        const { instance, module } = await __wbg_load(await module_or_path, imports);

        return __wbg_finalize_init(instance, module);
    }

    return Object.assign(__wbg_init, { initSync }, exports);
})({ __proto__: null });

wasm_bindgen.initSync({ module });
return wasm_bindgen;
}
