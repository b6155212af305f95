import { Converter, ReflectionKind } from "typedoc";

/** A plugin of typedoc: modules are called as they are imported, `@pka/engine/server` and not `engine/src/server`. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
      const [, name, path = ""] = /^([\w-]+)\/src(\/.*)?$/.exec(module.name) ?? [];
      if (name !== undefined) module.name = `@pka/${name}${path}`;
    }
  });
}
