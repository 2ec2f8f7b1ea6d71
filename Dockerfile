FROM node:24-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY db/package.json db/
COPY server/package.json server/
COPY client/package.json client/
COPY load-tests/package.json load-tests/

FROM manifests AS build
RUN npm ci
COPY . .
RUN npm run build

# The image brings Node: what is left out here includes the development copy of it.
FROM manifests
RUN npm ci --omit=dev && npm cache clean --force
COPY shared shared
COPY db db
COPY server server
COPY --from=build /app/client/build client/build
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The options of `npm start`.
CMD ["node", "--max-semi-space-size=8", "server/src/main.ts"]
